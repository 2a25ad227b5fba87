/** The registry that the fake Ollama knows by itself: its models have sizes, no bytes. */
import type { FakeModel } from './fake-models.ts'

/** A model that the fake's own registry has. */
export interface FakePullable extends FakeModel {
  /** Bytes of its layers, the weights first. */
  readonly layers?: readonly number[]
}

/** Pulls from the own registry: held in the middle of each layer, and how far they came. */
export interface FakePulls {
  hold(): void
  release(): void
  readonly gate: () => Promise<void> | undefined
  /** Bytes that are there of a layer whose pull was left, by `name/layer`. */
  readonly there: Map<string, number>
  /** What was fetched from other registries, as `digest bytes`. */
  readonly fetched: string[]
  /** Blobs that are being fetched from other registries. */
  readonly fetching: Map<string, Promise<void>>
  /** Requests that have touched the folder of the manifests. */
  changes: number
}

export function createPulls(): FakePulls {
  let gate: { readonly open: Promise<void>; readonly release: () => void } | undefined
  return {
    there: new Map(),
    fetched: [],
    fetching: new Map(),
    changes: 0,
    gate: () => gate?.open,
    hold() {
      let release: () => void = () => {}
      const open = new Promise<void>((resolve) => {
        release = resolve
      })
      gate = { open, release }
    },
    release() {
      gate?.release()
      gate = undefined
    },
  }
}

export async function fromOwnRegistry(
  own: FakePullable,
  { pulls, say, signal }: { pulls: FakePulls; say: (line: object) => void; signal: AbortSignal },
): Promise<void> {
  const layers = own.layers ?? [own.sizeBytes ?? 502_232, 1024]
  for (const [index, total] of layers.entries()) {
    const key = `${own.name}/${index}`
    const digest = `sha256:${String(index).padStart(64, '0')}`
    for (const share of [0.25, 0.5, 0.75, 1]) {
      const completed = Math.max(Math.floor(total * share), pulls.there.get(key) ?? 0)
      pulls.there.set(key, completed)
      say({ status: `pulling ${digest.slice(7, 19)}`, digest, total, completed })
      if (share === 0.5) await openOrLeft(pulls, signal)
      if (signal.aborted) return
    }
  }
  for (const status of ['verifying sha256 digest', 'writing manifest']) say({ status })
}

const openOrLeft = (pulls: FakePulls, signal: AbortSignal): Promise<unknown> =>
  Promise.race([pulls.gate(), new Promise<void>((left) => signal.addEventListener('abort', () => left(), { once: true }))])
