import type { FakeEngineOptions, FakeShelf } from './fake-models.ts'
import type { FakeServer, Replying } from './fake-server.ts'
import type { FakePullable, FakePulls } from './ollama-own-registry.ts'
import type { FakeStore } from './ollama-store.ts'

/** What each route of the fake Ollama gets. */
export interface Answering extends Replying {
  readonly shelf: FakeShelf
  readonly store: FakeStore | undefined
  readonly options: FakeEngineOptions
  readonly pullable: readonly FakePullable[]
  readonly pulls: FakePulls
  readonly server: FakeServer
}
