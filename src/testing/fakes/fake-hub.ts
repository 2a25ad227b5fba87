/**
 * A stand-in for the Hugging Face Hub: search with pages, models with their commit, trees with sizes and hashes, files
 * behind signed addresses of another host, its ways to refuse, its limits, and what goes wrong on the way.
 */
import type { CdnServer } from './fake-cdn-server.ts'
import { startCdnServer } from './fake-cdn-server.ts'
import { answerApi } from './fake-hub-api.ts'
import { createQuotas, refuse } from './fake-hub-refuse.ts'
import { answerResolve, isResolve } from './fake-hub-resolve.ts'
import { commitOf, createShelf, type FakeHubRepository, type HubBucket } from './fake-hub-shelf.ts'
import { type FakeServer, startFakeServer } from './fake-server.ts'

export interface FakeHubOptions {
  readonly repositories: readonly FakeHubRepository[]
  /** Tokens that are good. */
  readonly tokens?: readonly string[]
  /** Entries on a page of the search and of a tree. */
  readonly pageSize?: number
  /** Requests that are answered before the Hub has had enough, of each bucket; the Hub's own for anonymous users. */
  readonly quota?: number | Partial<Record<HubBucket, number>>
  /** Until the next window, as it says: 289. */
  readonly windowSeconds?: number
  /** Of a signed address: 3600 s. */
  readonly linkLifeMs?: number
  readonly usesPerLink?: number
  /** An address is good only for the method that it was asked with. */
  readonly methodBound?: boolean
  /** It sends the bytes itself, as mirrors do. */
  readonly mirror?: boolean
  /** To where the bytes are: the next ones get 503. */
  readonly maxConnections?: number
  /** Of one connection to where the bytes are. */
  readonly bytesPerSecond?: number
  /** Where it says that the bytes are; default: where they are. */
  readonly cdnUrl?: string
}

/** `faults` and `ledger` as those of every fake; both are those of the Hub itself, which is at `localhost`. */
export interface FakeHub extends FakeServer {
  /** Where the bytes are: at 127.0.0.1, another host. */
  readonly cdn: CdnServer
  /** Requests so far. */
  readonly buckets: Readonly<Record<HubBucket, number>>
  /** The window of the limits ends. */
  refill(): void
  commitOf(repo: string): string
}

export async function fakeHub(options: FakeHubOptions): Promise<FakeHub> {
  const { repositories, pageSize, mirror = false, methodBound = false, linkLifeMs, usesPerLink, ...rest } = options
  const cdn = await startCdnServer({
    lifeMs: linkLifeMs,
    uses: usesPerLink,
    maxConnections: rest.maxConnections,
    bytesPerSecond: rest.bytesPerSecond,
    publicUrl: rest.cdnUrl,
  })
  const quotas = createQuotas(rest.quota, rest.windowSeconds)
  const shelf = createShelf()
  const server = await startFakeServer(({ asked, response }) => {
    if (!quotas.take(asked, response)) return
    const given = asked.headers.authorization
    const signedIn = given !== undefined && (options.tokens ?? []).some((one) => given === `Bearer ${one}`)
    if (given !== undefined && !signedIn) return refuse(response, { status: 401, message: 'Invalid credentials in Authorization header' })
    const call = { repositories, shelf, asked, response, signedIn }
    return isResolve(asked.path) ? answerResolve({ ...call, cdn, mirror, methodBound }) : answerApi({ ...call, pageSize })
  })
  const close = async (): Promise<void> => {
    await Promise.all([server.close(), cdn.close()])
  }
  return {
    ...server,
    url: `http://localhost:${server.port}`,
    cdn,
    buckets: quotas.used,
    refill: quotas.refill,
    commitOf,
    close,
    [Symbol.asyncDispose]: close,
  }
}
