/** The signed address of a file: asked for once however many lanes want it, renewed in time or when it is refused. */
import type { DownloadFile } from './downloads.ts'

export type Link = Awaited<ReturnType<DownloadFile['resolve']>>

export interface Links {
  current(signal: AbortSignal): Promise<Link>
  /** This one was refused; false when a newer one is known already, which stays. */
  refused(link: Link): boolean
}

export function createLinks(resolve: DownloadFile['resolve']): Links {
  let asked: Promise<Link> | undefined
  let known: Link | undefined
  return {
    async current(signal) {
      if (known && (known.renewAt === undefined || performance.now() < known.renewAt)) return known
      known = undefined
      asked ??= resolve(signal).finally(() => {
        asked = undefined
      })
      known = await asked
      return known
    },
    refused(link) {
      const current = known === link
      if (current) known = undefined
      return current
    },
  }
}
