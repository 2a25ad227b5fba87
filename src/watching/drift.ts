/** Differences between what a slot is believed to serve, what its engine says, and what the .env says. */
import { type Drift, joinRef, type ModelyardError } from '../contract/index.ts'
import type { LoadedInstance, Provider } from '../providers/provider.ts'
import type { Seen } from './picture.ts'

/** What a slot serves, as the yard believes. */
export interface Belief {
  readonly slot: string
  readonly provider: string
  readonly name: string
  readonly contextLength?: number | undefined
  /** How the slot stands: another object after every step of a switch. */
  readonly state?: unknown
}

/** What the .env says of a slot at this moment. */
export interface EnvChoice {
  readonly choice?: { readonly provider?: string | undefined; readonly name: string } | undefined
  readonly problem?: ModelyardError | undefined
  /** The file mirrors this slot. */
  readonly mirrored: boolean
}

export type Difference = Omit<Drift, 'since'>

export interface Judgement {
  readonly differences: readonly Difference[]
  /** Unloaded by its engine itself, as agreed: the next request loads it. */
  readonly idle: boolean
}

export interface JudgeOptions {
  readonly belief: Belief
  readonly seen: Seen | undefined
  /** The instance as it was last seen in memory. */
  readonly last: LoadedInstance | undefined
  readonly now: number
}

/** A clock of an engine and ours may differ by this much. */
const expirySlackMs = 1500

export function judge({ belief, seen, last, now }: JudgeOptions): Judgement {
  if (!seen || seen.probe.state === 'starting') return calm
  if (seen.probe.state !== 'ready') return { differences: [providerDown(belief, seen)], idle: false }
  const { provider } = seen
  if (seen.models && !seen.models.some((one) => provider.sameModel(one.name, belief.name)))
    return { differences: [missing(belief)], idle: false }
  const capabilities = seen.probe.capabilities ?? provider.capabilities
  if (!capabilities.loadedState) return calm
  const instance = instanceFor(provider, seen.loaded, belief.name)
  if (!instance) return expired(last, now) ? { differences: [], idle: true } : { differences: [notLoaded(belief)], idle: false }
  return { differences: otherOptions(belief, instance), idle: false }
}

const calm: Judgement = { differences: [], idle: false }

export const instanceFor = (provider: Provider, loaded: readonly LoadedInstance[], name: string): LoadedInstance | undefined =>
  loaded.find((one) => provider.sameModel(one.name, name))

const expired = (last: LoadedInstance | undefined, now: number): boolean =>
  last?.expiresAt !== undefined && now >= Date.parse(last.expiresAt) - expirySlackMs

function difference(kind: Drift['kind'], belief: Belief, text: string, hint: string): Difference {
  const { slot, provider, name } = belief
  return { id: `${kind}:${slot}`, kind, slot, provider, ref: joinRef(provider, name), text, hint }
}

function providerDown(belief: Belief, seen: Seen): Difference {
  const why = seen.probe.error?.message ?? `it is ${seen.probe.state}`
  return difference(
    'provider_down',
    belief,
    `The slot "${belief.slot}" points at ${belief.provider}, which does not answer: ${why}`,
    seen.probe.hint ?? 'Start the engine again, or switch the slot to another model.',
  )
}

const missing = (belief: Belief): Difference =>
  difference(
    'model_missing',
    belief,
    `${belief.name} serves the slot "${belief.slot}", but ${belief.provider} does not have it any more.`,
    'Switch the slot to another model.',
  )

const notLoaded = (belief: Belief): Difference =>
  difference(
    'model_not_loaded',
    belief,
    `${belief.name} serves the slot "${belief.slot}", but something unloaded it.`,
    'The next request loads it again; `modelyard use` does so now.',
  )

function otherOptions(belief: Belief, instance: LoadedInstance): Difference[] {
  const { contextLength } = belief
  if (contextLength === undefined || instance.contextLength === undefined || instance.contextLength === contextLength) return []
  const text = `${belief.name} was verified with a context of ${contextLength} tokens, and now runs with ${instance.contextLength}.`
  return [
    difference(
      'foreign_load_options',
      belief,
      text,
      'Another program loaded it with other options; `modelyard use` loads it as it should be.',
    ),
  ]
}

export function judgeEnv(belief: { slot: string; provider?: string | undefined; name?: string | undefined }, env: EnvChoice): Difference[] {
  const { slot } = belief
  if (!env.mirrored) return []
  if (env.problem)
    return [{ id: `env_unreadable:${slot}`, kind: 'env_unreadable', slot, text: env.problem.message, hint: env.problem.hint }]
  const same = env.choice?.name === belief.name && (env.choice?.provider === undefined || env.choice.provider === belief.provider)
  if (same || (env.choice === undefined && belief.name === undefined)) return []
  const says = env.choice ? `${env.choice.provider ? `${env.choice.provider}/` : ''}${env.choice.name}` : 'nothing'
  const text = `The .env names ${says} for the slot "${slot}", and ${belief.name ? joinRef(belief.provider ?? '', belief.name) : 'nothing'} serves it.`
  return [
    {
      id: `env_changed:${slot}`,
      kind: 'env_changed',
      slot,
      text,
      hint: 'Switch to the model of the .env, or switch again to write the one that serves; at the next start the .env wins.',
    },
  ]
}
