/**
 * The tokens of apps and of browsers: named, listed with their last use, revocable at once. Kept as hashes in
 * `<home>/tokens.json`; the token itself is said once, when it is made.
 */
import { timingSafeEqual } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import {
  type AppToken,
  appToken,
  type BrowserSession,
  ModelyardError,
  type NewToken,
  type TokenHolder,
  type TokenRequest,
  tokenRequest,
} from '../contract/index.ts'
import { browserIdleMs, browserName, isIdle, tooManyOf } from './browser-tokens.ts'
import { openStateFile } from './state-file.ts'
import { newToken, tokenDigest } from './token-digest.ts'

export interface AppTokens {
  /** In the order in which they were made. */
  list(): AppToken[]
  /** Throws `invalid_request`, and `conflict` for a name that is taken or where there are too many. */
  create(request: TokenRequest): Promise<NewToken>
  /** Of the scope `control`, until nobody has used it for long. Where there are too many, those idle longest are gone. */
  createBrowser(label: string): Promise<BrowserSession>
  /** It opens nothing as soon as this is called. Throws `token_not_found`. */
  revoke(name: string): Promise<void>
  /** The same for the browser token that this is. Throws `conflict` for any other token. */
  signOut(token: string): Promise<void>
  /** Whose token this is: for every request, so it waits for nothing. Notes the use. */
  holderOf(token: string): TokenHolder | undefined
  /** Called when a token opens nothing any more: what runs with it has to end. Returns what unsubscribes. */
  onRevoke(listener: (name: string) => void): () => void
  close(): Promise<void>
}

export interface AppTokensOptions {
  readonly home: string
  readonly onWarning: (text: string) => void
  readonly now: () => number
  /** How long a use may stay in memory alone. */
  readonly noteMs?: number
}

const maxTokens = 256
const useEveryMs = 60_000

const kept = appToken.extend({ sha256: z.string().regex(/^[0-9a-f]{64}$/) })
export interface Kept {
  readonly holder: TokenHolder
  readonly record: z.infer<typeof kept>
  readonly digest: Buffer
  /** 0: never. */
  usedAt: number
}

export async function openAppTokens({ home, onWarning, now, noteMs = 5000 }: AppTokensOptions): Promise<AppTokens> {
  const file = await openStateFile({ path: join(home, 'tokens.json'), schema: z.array(kept), initial: [], onWarning })
  const byHash = new Map(file.value.map((record) => [record.sha256, keptOf(record)]))
  const listeners = new Set<(name: string) => void>()
  let noting: NodeJS.Timeout | undefined

  const find = (name: string): Kept | undefined => [...byHash.values()].find((one) => one.holder.name === name)
  const known = (token: string): Kept | undefined => {
    const digest = tokenDigest(token)
    const one = byHash.get(digest.toString('hex'))
    if (!one || !timingSafeEqual(one.digest, digest)) return undefined
    if (!isIdle(one, now())) return one
    forget(one)
    return undefined
  }
  /** In memory; the file follows with the next write, and a reader of the file judges by the times in it. */
  const forget = (one: Kept): void => {
    byHash.delete(one.record.sha256)
    for (const listener of [...listeners]) listener(one.holder.name)
  }
  const write = (): Promise<void> => {
    clearTimeout(noting)
    noting = undefined
    return file.write([...byHash.values()].map(recordOf))
  }
  /** A use is worth one write of a minute, and no request waits for it. */
  const note = (one: Kept, at: number): void => {
    one.usedAt = at
    noting ??= setTimeout(() => void write().catch((error: ModelyardError) => onWarning(error.message)), noteMs).unref()
  }

  const add = async (made: Pick<AppToken, 'name' | 'scope' | 'kind'>): Promise<NewToken> => {
    const token = newToken()
    const sha256 = tokenDigest(token).toString('hex')
    byHash.set(sha256, keptOf({ ...made, createdAt: new Date(now()).toISOString(), sha256 }))
    await write().catch((error) => {
      byHash.delete(sha256)
      throw error
    })
    return { name: made.name, scope: made.scope, token }
  }
  const revoke = (one: Kept): Promise<void> => {
    forget(one)
    return write()
  }

  return {
    list() {
      for (const one of [...byHash.values()]) if (isIdle(one, now())) forget(one)
      return [...byHash.values()].map(shown)
    },
    async create(request) {
      const { name, scope = 'gateway' } = parse(request)
      if (find(name)) throw taken(name)
      const apps = [...byHash.values()].filter(({ record }) => record.kind === 'app')
      if (apps.length >= maxTokens) throw tooMany()
      return add({ name, scope, kind: 'app' })
    },
    async createBrowser(label) {
      for (const one of tooManyOf([...byHash.values()], now())) forget(one)
      const name = browserName(label, (wanted) => find(wanted) !== undefined)
      const { token } = await add({ name, scope: 'control', kind: 'browser' })
      return { token, name, expiresAt: new Date(now() + browserIdleMs).toISOString() }
    },
    async revoke(name) {
      const one = find(name)
      if (!one) throw new ModelyardError('token_not_found', `There is no app token ${JSON.stringify(name.slice(0, 64))}.`)
      await revoke(one)
    },
    async signOut(token) {
      const one = known(token)
      if (one?.record.kind !== 'browser') throw noBrowser()
      await revoke(one)
    },
    holderOf(token) {
      const one = known(token)
      if (!one) return undefined
      const at = now()
      if (at - one.usedAt >= useEveryMs) note(one, at)
      return one.holder
    },
    onRevoke(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: async () => {
      if (noting) await write().catch((error: ModelyardError) => onWarning(error.message))
    },
  }
}

function parse(request: TokenRequest): TokenRequest {
  const checked = tokenRequest.safeParse(request)
  if (checked.success) return checked.data
  throw new ModelyardError('invalid_request', `The token is not valid: ${checked.error.issues[0]?.message ?? 'unknown form'}.`)
}

const taken = (name: string): ModelyardError =>
  new ModelyardError('conflict', `There is an app token "${name}" already.`, {
    retryable: false,
    hint: `Choose another name, or revoke it first: modelyard token revoke ${name}`,
  })

const tooMany = (): ModelyardError =>
  new ModelyardError('conflict', `There are ${maxTokens} app tokens already.`, {
    retryable: false,
    hint: 'Revoke those that nobody uses; `modelyard token ls` shows when each was used last.',
  })

const noBrowser = (): ModelyardError =>
  new ModelyardError('conflict', 'This token is not of a browser that has signed in: there is nothing to sign out of.', {
    retryable: false,
    hint: 'End the token of an app with `modelyard token revoke NAME`; replace that of the home with `modelyard token rotate`.',
  })

function keptOf(record: Kept['record']): Kept {
  const { name, scope, sha256, lastUsedAt } = record
  const usedAt = lastUsedAt === undefined ? 0 : Date.parse(lastUsedAt)
  return { holder: { name, scope }, record, digest: Buffer.from(sha256, 'hex'), usedAt }
}

const recordOf = ({ record, usedAt }: Kept): Kept['record'] =>
  usedAt === 0 ? record : { ...record, lastUsedAt: new Date(usedAt).toISOString() }

function shown(one: Kept): AppToken {
  const { sha256: _, ...token } = recordOf(one)
  return token
}
