/** Everything that outlives the process: choices, intents, history, remembered options, slots. */
import { join } from 'node:path'
import { z } from 'zod'
import {
  type EffectiveConfig,
  loadOptions,
  type ModelConfig,
  type ModelPatch,
  ModelyardError,
  modelConfig,
  policy,
  type SettingsPatch,
  type SlotSettings,
  type Status,
  settingsPatch,
  slotDefaults,
  slotSettings,
  switchRecord,
  switchStep,
} from '../contract/index.ts'
import { makePrivateFolder, removeDrafts } from '../platform/atomic-file.ts'
import { createEnvMirror, type EnvKeys } from './env-mirror.ts'
import type { ResolvedHub, ResolvedSettings, ResolvedSlot } from './resolved.ts'
import { openStateFile } from './state-file.ts'
import type { Choice, Intent, SwitchStore } from './switch-store.ts'

export type { SwitchStore } from './switch-store.ts'

export type HubLimits = Pick<ResolvedHub, 'bytesPerSecond' | 'downloadsAtOnce'>

export interface Store extends SwitchStore {
  /** What went wrong while reading the state, for people. */
  readonly warnings: readonly string[]
  readonly models: {
    /** State over the configuration file. */
    get(ref: string): ModelConfig
    patch(ref: string, patch: ModelPatch): Promise<void>
    /** What was set of a model that is gone. */
    forget(ref: string): Promise<void>
  }
  putSlot(name: string, settings: SlotSettings): Promise<void>
  removeSlot(name: string): Promise<void>
  /** Limits of downloads: state over the configuration file. */
  hubLimits(): HubLimits
  patchSettings(patch: SettingsPatch): Promise<void>
  envFileInfo(): Status['envFile']
  /** What the `.env` says of a slot now. */
  readEnvChoice(slot: string): Promise<{ mirrored: boolean; choice?: { provider?: string; name: string }; problem?: ModelyardError }>
  effectiveConfig(): EffectiveConfig
  close(): Promise<void>
}

const target = z.object({ provider: z.string(), name: z.string(), load: loadOptions })
const choiceSchema = z.object({
  provider: z.string().optional(),
  name: z.string(),
  load: loadOptions.optional(),
  ours: z.boolean().optional(),
})
const intentSchema = z.object({
  id: z.string(),
  slot: z.string(),
  to: target,
  from: target.optional(),
  policy,
  step: switchStep,
  startedAt: z.string(),
})

/** Makes the home and the library if they are not there. `readOnly` leaves drafts of others alone. */
export async function openStore(settings: ResolvedSettings, { readOnly = false }: { readOnly?: boolean } = {}): Promise<Store> {
  const { home } = settings
  await makePrivateFolder(home)
  await makePrivateFolder(settings.library)
  if (!readOnly) await removeDrafts(home)
  const warnings: string[] = []
  const open = <T>(name: string, schema: z.ZodType<T>, initial: T) =>
    openStateFile({ path: join(home, name), schema, initial, onWarning: (text) => warnings.push(text) })
  const choices = await open('choices.json', z.record(z.string(), choiceSchema), {})
  const intents = await open('intents.json', z.record(z.string(), intentSchema), {})
  const history = await open('switches.json', z.array(switchRecord), [])
  const models = await open('models.json', z.record(z.string(), modelConfig), {})
  const slots = await open('slots.json', z.record(z.string(), slotSettings), {})
  const changed = await open('settings.json', settingsPatch, { hub: {} })
  const mirror = createEnvMirror(settings.envFile)
  let env: Status['envFile'] = { path: settings.envFile, read: false }

  const slotMap = (): Map<string, ResolvedSlot> => {
    const all = new Map(settings.slots)
    for (const [name, own] of Object.entries(slots.value)) all.set(name, { ...slotDefaults, ...all.get(name), ...defined(own) })
    return all
  }
  const keysOf = (slot: string): EnvKeys | undefined => {
    const { envModel, envProvider } = slotMap().get(slot) ?? {}
    return envModel === undefined ? undefined : { model: envModel, provider: envProvider }
  }
  const remembered = (ref: string): ModelConfig => {
    const [configured, kept] = [settings.models.get(ref), models.value[ref]]
    return kept ? { ...configured, ...defined(kept) } : (configured ?? {})
  }

  return {
    warnings,
    async readChoice(slot) {
      const keys = keysOf(slot)
      const kept = choices.value[slot]
      if (!keys) return kept ? { choice: kept, from: home } : {}
      try {
        const said = await mirror.read(keys)
        env = { path: settings.envFile, read: said !== undefined || env.read }
        if (!said) return kept ? { choice: kept, from: home } : {}
        return { choice: joined(said, kept), from: settings.envFile }
      } catch (error) {
        const problem = ModelyardError.from(error)
        env = { path: settings.envFile, read: false, error: { code: problem.code, message: problem.message } }
        return { problem }
      }
    },
    async writeChoice(slot, choice) {
      const { [slot]: _, ...others } = choices.value
      await choices.write(choice ? { ...others, [slot]: plainChoice(choice) } : others)
      const keys = keysOf(slot)
      if (!keys) return { warnings: [] }
      try {
        await mirror.write(keys, choice)
        env = { path: settings.envFile, read: true }
        return { warnings: [] }
      } catch (error) {
        return { warnings: [`The choice is kept, but was not written into ${settings.envFile}: ${mirrorFault(error)}`] }
      }
    },
    readIntents: async () => Object.values(intents.value) as Intent[],
    writeIntent: (intent) => intents.write({ ...intents.value, [intent.slot]: plainIntent(intent) }),
    clearIntent(slot) {
      const { [slot]: gone, ...others } = intents.value
      return gone ? intents.write(others) : Promise.resolve()
    },
    readHistory: async () => history.value,
    writeHistory: (records) => history.write([...records]),
    slotSettings: slotMap,
    loadOptions: (provider, name) => remembered(`${provider}/${name}`).load ?? {},
    pinned: (provider, name) => remembered(`${provider}/${name}`).pinned ?? false,
    models: {
      get: remembered,
      async patch(ref, patch) {
        const { load, ...rest } = patch
        const { load: had, ...before } = models.value[ref] ?? {}
        const kept = load === null ? {} : { load: { ...had, ...load } }
        await models.write({
          ...models.value,
          [ref]: { ...before, ...defined(rest), ...(load === undefined && had ? { load: had } : load === undefined ? {} : kept) },
        })
      },
      async forget(ref) {
        const { [ref]: gone, ...others } = models.value
        if (gone) await models.write(others)
      },
    },
    async putSlot(name, own) {
      await slots.write({ ...slots.value, [name]: { ...slots.value[name], ...defined(own) } })
    },
    async removeSlot(name) {
      const { [name]: _, ...others } = slots.value
      await slots.write(others)
    },
    hubLimits: () => ({ ...settings.hub, ...defined(changed.value.hub) }),
    patchSettings: ({ hub }) => changed.write({ hub: { ...changed.value.hub, ...defined(hub) } }),
    envFileInfo: () => env,
    async readEnvChoice(slot) {
      const keys = keysOf(slot)
      if (!keys) return { mirrored: false }
      try {
        const choice = await mirror.read(keys)
        return { mirrored: true, ...(choice && { choice }) }
      } catch (error) {
        return { mirrored: true, problem: ModelyardError.from(error) }
      }
    },
    effectiveConfig: () => ({
      settings: [
        ...settings.sources,
        ...stateSources({ slots: slots.value, models: models.value }, home),
        ...valuesOf('hub', changed.value.hub, home),
      ],
      file: { path: settings.configFile.path, read: settings.configFile.read },
      config: settings.configFile.config,
    }),
    close: async () => {},
  }
}

/** The `.env` wins; what it does not say is taken from the home where both mean the same model. */
function joined(said: { provider?: string; name: string }, kept: Choice | undefined): Choice {
  const same = kept?.name === said.name && (said.provider === undefined || said.provider === kept.provider)
  return same && kept ? kept : said
}

const plainChoice = ({ provider, name, load, ours }: Choice) => ({
  ...(provider && { provider }),
  name,
  ...(load && { load }),
  ...(ours && { ours }),
})

const plainIntent = ({ from, ...intent }: Intent) => ({ ...intent, ...(from && { from }) })

function mirrorFault(error: unknown): string {
  if (ModelyardError.is(error)) return error.message
  return `${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}.`
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> }
const defined = <T extends object>(value: T): Defined<T> =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Defined<T>

function stateSources(all: Record<string, Record<string, object>>, home: string): EffectiveConfig['settings'] {
  return Object.entries(all).flatMap(([what, values]) =>
    Object.entries(values).flatMap(([name, own]) => valuesOf(`${what}.${name}`, own, home)),
  )
}

const valuesOf = (prefix: string, values: object, home: string): EffectiveConfig['settings'] =>
  Object.entries(values).map(([key, value]) => ({ name: `${prefix}.${key}`, value: value as unknown, source: 'state', from: home }))
