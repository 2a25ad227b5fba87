/** A list of the Hub over all its pages, one entry after the other; leaving it asks no further page. */
import { ModelyardError } from '../contract/index.ts'
import type { HubHttp } from './hub-http.ts'

export interface PagesOptions<T> {
  readonly http: HubHttp
  readonly path: string
  readonly maxPages: number
  readonly signal: AbortSignal
  /** Whose it is, for errors. */
  readonly repo?: string | undefined
  /** Throws `hub_protocol` for what is no such page. */
  readonly read: (body: unknown) => readonly T[]
}

/** Throws `hub_protocol` when a page leads to another origin or back to one that was seen. */
export async function* takePages<T>({ http, path, maxPages, signal, repo, read }: PagesOptions<T>): AsyncGenerator<T, void> {
  const seen = new Set<string>()
  let next: string | undefined = path
  while (next !== undefined && seen.size < maxPages) {
    if (seen.has(next)) throw new ModelyardError('hub_protocol', 'The Hub sends its pages in a circle.')
    seen.add(next)
    const { body, headers } = await http.get(next, signal, { repo })
    yield* read(body)
    next = nextOf(headers.link)
  }
}

const nextOf = (link: string | undefined): string | undefined => /<([^<>]+)>\s*;[^,]*\brel="?next"?/i.exec(link ?? '')?.[1]
