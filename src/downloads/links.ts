/** The signed address of a file: asked for once however many lanes want it, renewed in time or when it is refused. */
import type { DownloadLink } from './downloads.ts'

/** As it crosses to the thread that uses it: clocks of threads differ. */
export interface Link extends Omit<DownloadLink, 'renewAt'> {
  readonly renewInMs?: number | undefined
  readonly proxy?: string | undefined
  /** Its host may lead into a private network. */
  readonly allowPrivate?: boolean | undefined
}

export interface Links {
  current(): Promise<Link>
  /** This one was refused; false when a newer one is known already, which stays. */
  refused(link: Link): boolean
  forget(): void
}

export function createLinks(resolve: () => Promise<Link>): Links {
  let asked: Promise<Link> | undefined
  let known: { readonly link: Link; readonly renewAt: number } | undefined
  const renew = async (): Promise<Link> => {
    known = undefined
    const link = await resolve()
    known = { link, renewAt: performance.now() + (link.renewInMs ?? Number.POSITIVE_INFINITY) }
    return link
  }
  return {
    async current() {
      if (known && performance.now() < known.renewAt) return known.link
      asked ??= renew().finally(() => {
        asked = undefined
      })
      return asked
    },
    refused(link) {
      const current = known?.link === link
      if (current) known = undefined
      return current
    },
    forget() {
      known = undefined
    },
  }
}
