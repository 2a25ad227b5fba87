/** Signed addresses: good only byte for byte, for a time, for a number of uses, for a method, for a range. */
export interface LinkRules {
  /** Absent: any. */
  readonly range?: string | undefined
  readonly method?: string | undefined
}

export interface LinkOptions {
  /** Default 3600 s. */
  readonly lifeMs?: number | undefined
  readonly uses?: number | undefined
}

interface Link<T> extends LinkRules {
  readonly object: T
  readonly endsAt: number
  uses: number
}

export interface Links<T> {
  /** A path with its query. */
  sign(object: T, path: string, rules?: LinkRules): string
  /** The object, or in words why not. Counts a use. */
  open(
    path: string,
    asked: { readonly method: string; readonly range: string | undefined },
  ): { readonly object: T } | { readonly why: string }
}

const usualLifeMs = 3_600_000

export function createLinks<T>({ lifeMs = usualLifeMs, uses = Number.POSITIVE_INFINITY }: LinkOptions): Links<T> {
  const links = new Map<string, Link<T>>()
  return {
    sign(object, path, rules = {}) {
      const ends = Math.floor((Date.now() + lifeMs) / 1000)
      const pinned = rules.range === undefined ? {} : { ByteRange: { ExpectedHeader: rules.range } }
      const policy = JSON.stringify({ Statement: [{ Condition: { DateLessThan: { 'AWS:EpochTime': ends }, ...pinned } }] })
      // Not in the order, nor in the letters, in which a parser would write it again.
      const query = `X-Xet-Cas-Uid=public&response-content-disposition=inline%3b%20filename%3d%22m.gguf%22&Expires=${ends}&Policy=${Buffer.from(policy).toString('base64url')}&Signature=s~${links.size + 1}__&Key-Pair-Id=K2L8F4GPSG1IFC`
      const whole = `${path}?${query}`
      links.set(whole, { ...rules, object, uses, endsAt: performance.now() + lifeMs })
      return whole
    },
    open(path, { method, range }) {
      const link = links.get(path)
      if (!link) return { why: 'SignatureDoesNotMatch' }
      if (link.range !== undefined && link.range !== range) return { why: 'Auth failed: invalid range' }
      if (link.method !== undefined && link.method !== method) return { why: 'SignatureDoesNotMatch' }
      if (performance.now() >= link.endsAt || link.uses <= 0) return { why: 'AccessDenied: Request has expired' }
      link.uses -= 1
      return { object: link.object }
    },
  }
}
