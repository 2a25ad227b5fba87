/**
 * Keeps the picture true: looks at every provider, soon and often while somebody watches or a slot serves, seldom
 * otherwise so that engines' logs stay quiet. One look at a provider never waits for another provider.
 */
import { type Drift, type EventInput, ModelyardError } from '../contract/index.ts'
import { untilAborted } from '../platform/until-aborted.ts'
import type { LoadedInstance, Provider } from '../providers/provider.ts'
import { createTurns } from '../util/turns.ts'
import { type Belief, type Difference, type EnvChoice, instanceFor, judge, judgeEnv } from './drift.ts'
import { fingerprintOf, infoOf, modelsFingerprintOf, type Seen } from './picture.ts'

interface Choice {
  readonly slot: string
  readonly provider?: string | undefined
  readonly name?: string | undefined
}

export interface WatcherOptions {
  readonly providers: readonly Provider[]
  readonly emit: (event: EventInput) => void
  /** What the slots serve, all of them. */
  readonly beliefs: () => readonly Belief[]
  /** Slots and what they have, for comparing with the .env; a slot under a switch is left out. */
  readonly choices: () => readonly Choice[]
  readonly envChoice: (slot: string) => Promise<EnvChoice>
  /** Is a model being loaded there? Then its list of what is in memory is not asked for. */
  readonly busy: (provider: string) => boolean
  readonly onIdle: (slot: string, idle: boolean) => void
  readonly onReady: (provider: string) => void
  readonly log: (message: string, error?: unknown) => void
  readonly now: () => number
  /** Milliseconds between looks, when it matters and when not. */
  readonly often?: number | undefined
  readonly seldom?: number | undefined
}

export interface Watcher {
  start(): void
  /** Looks at all of them (or one) now; answers when looks that began after the call are done. */
  lookNow(signal?: AbortSignal, provider?: string): Promise<void>
  /** Looks at those that were never looked at. */
  ensureSeen(signal?: AbortSignal): Promise<void>
  seen(): readonly Seen[]
  seenOf(provider: string): Seen | undefined
  drift(): readonly Drift[]
  watch(): () => void
  /** Something of ours has just changed: look again soon. */
  poke(provider?: string): void
  close(): Promise<void>
}

/** Below the 3 s within which a change has to be seen. */
const defaultOften = 2000
const defaultSeldom = 30_000

export function createWatcher(options: WatcherOptions): Watcher {
  const { providers, emit, now } = options
  const pictures = new Map<string, Seen>()
  const lastInMemory = new Map<string, LoadedInstance>()
  const looking = new Map<string, Promise<void>>()
  const timers = new Map<string, NodeJS.Timeout>()
  const closing = new AbortController()
  const since = new Map<string, string>()
  const inTurn = createTurns()
  let drifts: readonly Drift[] = []
  let watchers = 0
  let started = false
  let unsubscribe: (() => void)[] = []

  const matters = (provider: Provider): boolean => watchers > 0 || options.beliefs().some((one) => one.provider === provider.id)

  const schedule = (
    provider: Provider,
    ms = matters(provider) ? (options.often ?? defaultOften) : (options.seldom ?? defaultSeldom),
  ): void => {
    if (!started || closing.signal.aborted) return
    clearTimeout(timers.get(provider.id))
    const timer = setTimeout(() => void lookAnew(provider), ms)
    timer.unref()
    timers.set(provider.id, timer)
  }

  /** A look that runs already may not have seen what has just changed: the next one is shared by all who ask meanwhile. */
  const lookAnew = (provider: Provider): Promise<void> => (looking.get(provider.id) ?? Promise.resolve()).then(() => look(provider))

  const look = (provider: Provider): Promise<void> => {
    const running = looking.get(provider.id)
    if (running || closing.signal.aborted) return running ?? Promise.resolve()
    const looked = lookOnce(provider)
      .catch((error) => {
        if (!closing.signal.aborted) options.log(`looking at ${provider.id} failed`, error)
      })
      .finally(() => {
        looking.delete(provider.id)
        schedule(provider)
      })
    looking.set(provider.id, looked)
    return looked
  }

  const lookOnce = async (provider: Provider): Promise<void> => {
    const before = pictures.get(provider.id)
    const believed = new Map(options.beliefs().map(({ slot, state }) => [slot, state]))
    const probe = await provider.probe(closing.signal)
    const ready = probe.state === 'ready'
    const [models, loaded] = await Promise.all([ready ? listOf(provider) : undefined, ready ? inMemory(provider, before) : []])
    const seen: Seen = {
      provider,
      probe,
      models: models ?? (ready ? before?.models : undefined),
      loaded,
      believed,
      fingerprint: '',
      modelsFingerprint: '',
    }
    seen.fingerprint = fingerprintOf(seen)
    seen.modelsFingerprint = modelsFingerprintOf(seen.models)
    pictures.set(provider.id, seen)
    announce(seen, before)
    // What began to be judged earlier knows less: it must not be told last.
    await inTurn(updateDrift)
  }

  const listOf = (provider: Provider) => provider.list(closing.signal).catch(() => undefined)

  const inMemory = async (provider: Provider, before: Seen | undefined): Promise<readonly LoadedInstance[]> => {
    if (options.busy(provider.id) && before) return before.loaded
    return provider.loaded(closing.signal).catch(() => before?.loaded ?? [])
  }

  const announce = (seen: Seen, before: Seen | undefined): void => {
    if (closing.signal.aborted) return
    const { id } = seen.provider
    if (seen.fingerprint !== before?.fingerprint) emit({ type: 'provider.changed', provider: infoOf(seen) })
    if (seen.modelsFingerprint !== before?.modelsFingerprint) emit({ type: 'models.changed', provider: id })
    if (seen.probe.state === 'ready' && before?.probe.state !== 'ready') options.onReady(id)
  }

  const updateDrift = async (): Promise<void> => {
    const read: { choice: Choice; env: EnvChoice }[] = []
    for (const choice of options.choices()) read.push({ choice, env: await options.envChoice(choice.slot).catch(problemOf) })
    const choices = options.choices()
    const unchanged = read.filter(({ choice }) => choices.some((one) => isSame(one, choice)))
    const found = [...options.beliefs().flatMap(judgeSlot), ...unchanged.flatMap(({ choice, env }) => judgeEnv(choice, env))]
    const next = found.map((one) => ({ ...one, since: firstSeen(one.id) }))
    for (const id of since.keys()) if (!next.some((one) => one.id === id)) since.delete(id)
    const changed = JSON.stringify(next) !== JSON.stringify(drifts)
    drifts = next
    if (changed && !closing.signal.aborted) emit({ type: 'drift.changed', drift: next })
  }

  const judgeSlot = (belief: Belief): readonly Difference[] => {
    if (options.busy(belief.provider)) return []
    const seen = pictures.get(belief.provider)
    if (seen && seen.believed.get(belief.slot) !== belief.state) return notYet(seen.provider)
    const key = JSON.stringify([belief.slot, belief.provider, belief.name])
    const instance = seen && instanceFor(seen.provider, seen.loaded, belief.name)
    if (instance) lastInMemory.set(key, instance)
    const { differences, idle } = judge({ belief, seen, last: lastInMemory.get(key), now: now() })
    options.onIdle(belief.slot, idle)
    return differences
  }

  /** Its picture is older than the belief: neither says anything about the other. */
  const notYet = (provider: Provider): readonly Difference[] => {
    if (!looking.has(provider.id)) schedule(provider, 0)
    return []
  }

  const firstSeen = (id: string): string => {
    const at = since.get(id) ?? new Date(now()).toISOString()
    since.set(id, at)
    return at
  }

  const lookNow = async (signal?: AbortSignal, only?: string): Promise<void> => {
    const wanted = providers.filter((one) => only === undefined || one.id === only)
    const all = Promise.all(wanted.map(lookAnew)).then(() => undefined)
    await untilAborted(all, signal)
  }

  return {
    start() {
      if (started) return
      started = true
      unsubscribe = providers.flatMap((one) => one.onChange?.(() => schedule(one, 0)) ?? [])
      for (const provider of providers) void look(provider)
    },
    lookNow,
    async ensureSeen(signal) {
      const all = Promise.all(providers.filter((one) => !pictures.has(one.id)).map(look)).then(() => undefined)
      await untilAborted(all, signal)
    },
    seen: () => providers.flatMap((one) => pictures.get(one.id) ?? []),
    seenOf: (id) => pictures.get(id),
    drift: () => drifts,
    watch() {
      watchers += 1
      if (watchers === 1) for (const provider of providers) schedule(provider, 0)
      let ended = false
      return () => {
        if (!ended) watchers -= 1
        ended = true
      }
    },
    poke(id) {
      for (const provider of providers) if (id === undefined || provider.id === id) schedule(provider, 0)
    },
    async close() {
      closing.abort(new ModelyardError('cancelled'))
      for (const timer of timers.values()) clearTimeout(timer)
      for (const off of unsubscribe) off()
      await Promise.allSettled([...looking.values()])
    },
  }
}

const problemOf = (error: unknown): EnvChoice => ({ mirrored: true, problem: ModelyardError.from(error) })

const isSame = (a: Choice, b: Choice): boolean => a.slot === b.slot && a.provider === b.provider && a.name === b.name
