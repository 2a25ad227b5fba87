/**
 * The proof that an imported model works: it is listed, loads with the options of production and answers. It never
 * takes a model that serves out of memory: where both do not fit it is left to the first switch.
 */
import { type ErrorCode, joinRef, type LoadOptions, ModelyardError } from '../contract/index.ts'
import type { Provider } from '../providers/provider.ts'
import type { RoomFacts } from '../switching/plan-room.ts'
import type { Target } from '../switching/ports.ts'
import { survey } from '../switching/survey.ts'
import { verify } from '../switching/verify.ts'
import { sizeText } from '../util/size-text.ts'
import type { Ports } from './ports.ts'

export type Verdict =
  | { readonly verified: true }
  | { readonly verified: false; readonly reason: string; readonly chat?: false }
  /** It is listed and cannot be loaded. */
  | { readonly broken: ModelyardError }

export interface Proving {
  readonly provider: Provider
  readonly name: string
  /** A switch comes next: it stays in memory for it. */
  readonly keepLoaded: boolean
  readonly signal: AbortSignal
}

export async function prove(ports: Ports, { provider, name, keepLoaded, signal }: Proving): Promise<Verdict> {
  const turn = await ports.switcher.turns.take([provider.id], signal)
  try {
    const model = (await provider.list(signal)).find((one) => provider.sameModel(one.name, name))
    if (!model) return { broken: new ModelyardError('import_failed', `${provider.id} took ${name} and does not list it.`) }
    const kind = ports.directory.kindOf(provider.id, model)
    if (kind !== 'chat')
      return { verified: false, chat: false, reason: `it is of the kind "${kind}", and only chat models can be asked to answer` }
    const target: Target = { provider: provider.id, name: model.name, load: optionsOf(ports, provider, model.name) }
    return await tryOut(ports, { provider, name: model.name, keepLoaded, signal }, target)
  } catch (error) {
    signal.throwIfAborted()
    return verdictOf(ModelyardError.from(error))
  } finally {
    turn.end()
  }
}

/** What serves already is asked with the options that it serves with: others would load it anew under its requests. */
function optionsOf(ports: Ports, provider: Provider, name: string): LoadOptions {
  const serving = servingTargets(ports).find((one) => one.provider === provider.id && provider.sameModel(one.name, name))
  return serving?.load ?? ports.loadOptions(provider.id, name)
}

async function tryOut(ports: Ports, { provider, keepLoaded, signal }: Proving, target: Target): Promise<Verdict> {
  const serving = servingTargets(ports)
  const { facts, details } = await survey({
    directory: ports.directory,
    memory: ports.memory,
    to: target,
    servingIsOurs: false,
    elsewhere: serving,
    pinned: ports.pinned,
    signal,
  })
  const refusal = facts.toLoaded ? undefined : (whyNotNow(facts, serving) ?? (await gpuIsFull(ports, facts)))
  if (refusal !== undefined) return unproven(refusal)
  const served = serving.filter((one) => one.provider === provider.id && isThere(facts, provider, one))
  try {
    if (!facts.toLoaded && provider.capabilities.load !== 'none' && provider.capabilities.load !== 'lazy')
      await provider.load(target.name, target.load, { signal, sizeBytes: details.sizeBytes })
    await verify({ provider, target, sizeBytes: details.sizeBytes, signal, now: ports.now })
    return { verified: true }
  } finally {
    if (!facts.toLoaded && facts.canUnload && (!keepLoaded || signal.aborted))
      await release(ports, provider, target.name, signal.aborted ? hastyMs : unloadMs)
    if (!facts.toLoaded && !signal.aborted) await bringBack(ports, provider, served, signal)
  }
}

const isThere = ({ occupants }: RoomFacts, provider: Provider, { name }: Target): boolean =>
  occupants.some((one) => one.provider === provider.id && provider.sameModel(one.name, name))

/** An engine has limits that it does not tell (how many models at once): what served and is gone is loaded again at once. */
async function bringBack(ports: Ports, provider: Provider, served: readonly Target[], signal: AbortSignal): Promise<void> {
  if (served.length === 0) return
  try {
    const loaded = await provider.loaded(signal)
    for (const { name, load } of served) {
      if (loaded.some((one) => provider.sameModel(one.name, name))) continue
      ports.log(`${joinRef(provider.id, name)} serves and was put out of memory by its engine; it is loaded again`)
      await provider.load(name, load, { signal })
    }
  } catch (error) {
    ports.log(`what ${provider.id} had in memory before a verification could not be brought back`, error)
  }
}

const unproven = (reason: string): Verdict => ({ verified: false, reason })

/** What any slot serves, is being switched to, or brings back. */
function servingTargets({ switcher }: Ports): Target[] {
  return switcher.slots().flatMap(({ state }) => [state.serving?.target, state.run?.to, state.run?.from].filter((one) => one !== undefined))
}

const spare = 1.1
const later = 'the first switch to it verifies it'

/** An engine makes room on a full GPU by putting others out of it, however much memory there is. */
async function gpuIsFull({ gpuMemory }: Ports, { occupants, needBytes }: RoomFacts): Promise<string | undefined> {
  const used = occupants.find(({ isTarget, servesOther, pinned }) => !isTarget && (servesOther || pinned))
  const free = used && (await gpuMemory())
  if (free === undefined || needBytes === undefined || needBytes * spare <= free) return undefined
  return `it needs about ${sizeText(needBytes)} and ${sizeText(free)} are free on the GPU beside ${used?.name}; ${later}`
}

/** Undefined: nobody who serves can be hurt by loading it. */
function whyNotNow(
  { occupants, multipleModels, needBytes, freeBytes, provider }: RoomFacts,
  serving: readonly Target[],
): string | undefined {
  const own = occupants.find(({ isTarget }) => isTarget)
  if (own && (own.servesOther || own.loadedBy === 'other')) return `it is in memory with other options, and in use; ${later}`
  const others = occupants.filter(({ isTarget }) => !isTarget)
  const [busy] = others.filter(({ servesOther, pinned }) => servesOther || pinned)
  if (!multipleModels && busy) return `${provider} holds one model at a time and ${busy.name} is in use; ${later}`
  if (serving.length === 0 && others.length === 0) return undefined
  const [first] = serving
  const inUse = busy ? busy.name : first ? joinRef(first.provider, first.name) : (others[0]?.name ?? '')
  if (needBytes === undefined || freeBytes === undefined) return `whether it fits beside ${inUse} is not known; ${later}`
  if (needBytes * spare <= freeBytes) return undefined
  return `it needs about ${sizeText(needBytes)} and ${sizeText(freeBytes)} are free beside ${inUse}; ${later}`
}

async function release({ log }: Ports, provider: Provider, name: string, ms: number): Promise<void> {
  try {
    await provider.unload({ name }, AbortSignal.timeout(ms))
  } catch (error) {
    log(`${joinRef(provider.id, name)} could not be unloaded after its verification`, error)
  }
}
const unloadMs = 30_000
/** The service may be ending. */
const hastyMs = 3000

const unloadable: readonly ErrorCode[] = ['load_failed', 'model_not_found', 'not_a_chat_model']

/** Running out of memory says nothing against the model, a load that fails does. */
function verdictOf(error: ModelyardError): Verdict {
  return unloadable.includes(error.code) ? { broken: error } : unproven(error.message)
}
