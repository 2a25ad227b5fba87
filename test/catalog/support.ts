import { createHub, type Hub } from '../../src/catalog/hub.ts'
import type { HubHttpOptions } from '../../src/catalog/hub-http.ts'
import { type FakeHub, type FakeHubFile, type FakeHubOptions, fakeHub } from '../../src/testing/index.ts'

export const signal = new AbortController().signal

/** A Hub with one repository `pub/m`, and a client of it; both are closed with it. */
export async function hubWith(
  files: readonly FakeHubFile[],
  { client, repository, ...options }: Partial<FakeHubOptions> & { client?: Partial<HubHttpOptions>; repository?: object } = {},
): Promise<{ server: FakeHub; hub: Hub; file: (path: string) => { repo: string; commit: string; path: string } } & AsyncDisposable> {
  const server = await fakeHub({ repositories: [{ repo: 'pub/m', files, ...repository }], ...options })
  const hub = createHub({ endpoint: server.url, token: async () => undefined, ...client })
  return {
    server,
    hub,
    file: (path) => ({ repo: 'pub/m', commit: server.commitOf('pub/m'), path }),
    async [Symbol.asyncDispose]() {
      await hub.close()
      await server.close()
    },
  }
}
