/** The only place that builds the whole yard: settings in, everything connected, nothing listening. */
import { randomUUID } from 'node:crypto'
import { readCatalog } from './catalog/catalog.ts'
import { createHub } from './catalog/hub.ts'
import { hubToken } from './catalog/hub-token.ts'
import { type Hardware, ModelyardError, type SettingsPatch, settingsPatch } from './contract/index.ts'
import { createEventBus } from './events/bus-memory.ts'
import { createFanOut } from './events/fan-out.ts'
import type { Ingestion } from './ingestion/jobs.ts'
import type { Patience } from './ingestion/patience.ts'
import { readHardware } from './platform/hardware.ts'
import type { Provider } from './providers/provider.ts'
import { createProviders } from './providers/registry.ts'
import { openAppTokens } from './store/app-tokens.ts'
import { createChangeLog } from './store/change-log.ts'
import type { ResolvedSettings } from './store/resolved.ts'
import { openStore } from './store/store.ts'
import { tokenDigest } from './store/token-digest.ts'
import { createMemory } from './switching/remember.ts'
import type { SlotRuntime } from './switching/slot-runtime.ts'
import { createSwitcher } from './switching/switcher.ts'
import { once } from './util/once.ts'
import { version } from './util/version.ts'
import { createWatcher } from './watching/watcher.ts'
import { createAdmission } from './yard/admit.ts'
import { createChat } from './yard/chat.ts'
import { createDirectory } from './yard/directory.ts'
import { examine } from './yard/doctor.ts'
import { examineFiles, type FilesContext, fixFiles } from './yard/doctor-files.ts'
import { yardEvents, yardFrames } from './yard/events.ts'
import { createGetting } from './yard/getting.ts'
import { createHubView } from './yard/hub.ts'
import { countJobs } from './yard/jobs.ts'
import { createJobsView } from './yard/jobs-view.ts'
import { createModels } from './yard/models.ts'
import { createProvidersView } from './yard/providers.ts'
import { createSession } from './yard/session.ts'
import { createSlotHandle, createSlots } from './yard/slots.ts'
import { createMemoryReader } from './yard/usable-memory.ts'
import { createUsage } from './yard/usage.ts'
import type { Cancellable, Yard } from './yard/yard.ts'

export interface YardOptions {
  readonly settings: ResolvedSettings
  /** Warnings and faults; never a secret. */
  readonly log?: ((message: string, error?: unknown) => void) | undefined
  /** Looks around and does what it is told, but restores no slot and polls nothing: for commands that end at once. */
  readonly readOnly?: boolean | undefined
  /** Is this address one that we listen on? */
  readonly isOurs?: ((url: URL) => boolean) | undefined
  readonly providers?: readonly Provider[] | undefined
  /** Pauses of jobs that wait, so that a test need not. */
  readonly patience?: Patience | undefined
  /** How long each sample of usage counts; 10 s. */
  readonly sampleMs?: number | undefined
}

export async function buildYard(options: YardOptions): Promise<Yard> {
  const { settings, log = () => {} } = options
  const store = await openStore(settings, { readOnly: options.readOnly ?? false })
  const closing = new AbortController()
  const now = (): number => Date.now()
  const tokens = await openAppTokens({ home: settings.home, onWarning: log, now })
  const bus = createEventBus()
  const fanOut = createFanOut(bus)
  const emit = (event: Parameters<typeof bus.emit>[0]): void => void bus.emit(event)
  const usage = createUsage({ emit, now, sampleMs: options.sampleMs })
  const providers =
    options.providers ??
    createProviders(settings.providers, {
      isOurs: options.isOurs ?? (() => false),
      library: settings.library,
      home: settings.home,
      isOurFile: async (path) => (await getting.library.at(path))?.putBy === 'us',
      log,
    })
  const directory = createDirectory(providers, (ref) => store.models.get(ref).kind)
  const hardware = (): Promise<Hardware> => readHardware([settings.home, settings.library])
  const memoryReader = createMemoryReader(hardware)
  const switcher = createSwitcher({ store, directory, memory: memoryReader, emit, log, now, newId: randomUUID })
  const memory = createMemory({ store, switcher, directory, log, now, signal: closing.signal })
  const watcher = createWatcher({
    providers,
    emit,
    beliefs: () => switcher.slots().flatMap(beliefOf),
    choices: () => switcher.slots().flatMap(choiceOf),
    envChoice: (slot) => store.readEnvChoice(slot),
    busy: (id) => switcher.slots().some(({ state }) => state.run?.phase === 'load' && state.run.to.provider === id),
    onIdle: (name, idle) => setIdle(switcher.slot(name), idle, switcher.changed),
    onReady: memory.providerReady,
    log,
    now,
  })
  const admission = createAdmission({ directory, store, switcher, emit, closing: closing.signal, now })
  const chat = (slot: string) => createChat({ admission, meter: usage.meter, closing: closing.signal }, slot)
  const slotsOptions = { store, switcher, chat }
  const view = createProvidersView({ directory, watcher, closing: closing.signal })
  const hub = createHub({ ...settings.hub, token: hubToken(settings.hub) })
  const hubView = createHubView({ hub, hardware, closing: closing.signal })
  const getting = await createGetting({
    settings,
    store,
    directory,
    switcher,
    memory: memoryReader,
    hardware,
    readOnly: options.readOnly ?? false,
    hub,
    hubView,
    changed: watcher.poke,
    emit,
    log,
    now,
    patience: options.patience,
  })
  const changes = createChangeLog({ home: settings.home, now, log })
  const instance = randomUUID()
  const startedAt = new Date(now()).toISOString()

  const status: Yard['status'] = async (cancel) => ({
    version,
    instance,
    startedAt,
    envFile: store.envFileInfo(),
    home: settings.home,
    library: settings.library,
    providers: await view.list(cancel),
    slots: yard.slots.list(),
    jobs: countJobs(yard.jobs.list()),
    drift: [...watcher.drift()],
  })

  const filesContext = async ({ signal }: Cancellable = {}): Promise<FilesContext> => ({
    providers,
    library: getting.library,
    hashes: getting.hashes,
    partials: await getting.downloads.partials(),
    wantedPartials: new Set([...getting.ingestion.wanted(), ...(await getting.wantedBytes.ofOthers())]),
    forgetPartial: (sha256) => getting.wantedBytes.unlessOthers(sha256, () => getting.downloads.forget(sha256), closing.signal),
    signal: signal ? AbortSignal.any([signal, closing.signal]) : closing.signal,
  })
  const doctor: Yard['doctor'] = async (cancel) => {
    const { envFile, slots, drift, home, library, providers: infos } = await status(cancel)
    const found = { home, library, providers: infos, slots, drift, hardware: await hardware(), envFile, warnings: store.warnings }
    return [...(await examine(found)), ...(await examineFiles(await filesContext(cancel)))]
  }
  const eventSources = { bus, fanOut, status, closing: closing.signal, watch: watcher.watch }

  const close = once(async () => {
    await getting.ingestion.close()
    await switcher.close()
    closing.abort(new ModelyardError('interrupted', 'The service is shutting down.'))
    fanOut.close()
    await Promise.allSettled([watcher.close(), memory.settled()])
    await Promise.allSettled([getting.close(), ...providers.map((one) => one.close()), hub.close()])
    usage.close()
    await tokens.close()
    await store.close()
  })

  const yard: Yard = {
    version,
    instance,
    startedAt,
    status,
    hardware,
    config: () => store.effectiveConfig(),
    doctor,
    async fix(ids, cancel) {
      await fixFiles(await filesContext(cancel), ids)
      await changes.note('fix', { ids })
      return doctor(cancel)
    },
    detect: view.detect,
    providers: { list: view.list, start: view.start },
    models: createModels({
      directory,
      store,
      switcher,
      watcher,
      library: getting.library,
      hashes: getting.hashes,
      changes,
      emit,
      closing: closing.signal,
    }),
    catalog: readCatalog,
    hub: hubView,
    jobs: createJobsView({
      ingestion: getting.ingestion,
      events: (query) => yardEvents(eventSources, query),
      listen: bus.listen,
      closing: closing.signal,
    }),
    async updateSettings(patch) {
      const { hub: limits } = checkSettings(patch)
      await store.patchSettings({ hub: limits })
      getting.limit(limits)
      return store.effectiveConfig()
    },
    slots: createSlots(slotsOptions),
    switches: {
      list: () => switcher.history.list(),
      get(id) {
        const record = switcher.history.get(id)
        if (!record) throw new ModelyardError('switch_not_found', `There is no switch "${id}".`)
        return record
      },
      cancel: switcher.cancel,
    },
    tokens,
    session: createSession({ tokens, now, digest: tokenDigest }),
    slot(name) {
      switcher.slot(name)
      return createSlotHandle(slotsOptions, name)
    },
    chat: (slot = 'default') => chat(slot),
    usage: usage.samples,
    meter: usage.meter,
    admission,
    events: (query) => yardEvents(eventSources, query),
    frames: (query) => yardFrames(eventSources, query),
    onEvent: bus.listen,
    watch: watcher.watch,
    close,
    [Symbol.asyncDispose]: close,
  }

  await begin({ memory, watcher, recovered: () => recoverRemovals(providers, log), jobs: getting.ingestion }, options.readOnly ?? false)
  return yard
}

interface Parts {
  readonly memory: ReturnType<typeof createMemory>
  readonly watcher: ReturnType<typeof createWatcher>
  readonly recovered: () => Promise<void>
  readonly jobs: Ingestion
}

/** Restoring and watching go on by themselves; nobody waits for them. */
async function begin({ memory, watcher, recovered, jobs }: Parts, readOnly: boolean): Promise<void> {
  if (readOnly) return memory.look()
  await recovered()
  await memory.start()
  watcher.start()
  jobs.goOn()
}

/** A model that was being removed when the last run ended is gone before anybody lists it. */
async function recoverRemovals(providers: readonly Provider[], log: (message: string, error?: unknown) => void): Promise<void> {
  const work = providers.map(async (one) => one.removing?.recover?.())
  for (const ended of await Promise.allSettled(work))
    if (ended.status === 'rejected') log('a removal that was interrupted could not be ended', ended.reason)
}

function beliefOf({ name: slot, state }: SlotRuntime) {
  const { serving, condition, admission } = state
  if (!serving || condition !== 'serving' || admission === 'closed') return []
  const { provider, name, load } = serving.target
  return [{ slot, provider, name, contextLength: load.contextLength, state }]
}

function choiceOf(slot: SlotRuntime) {
  if (slot.state.run || slot.restoring) return []
  const target = slot.state.serving?.target ?? slot.state.choice ?? slot.remembered
  return [{ slot: slot.name, provider: target?.provider, name: target?.name }]
}

function setIdle(slot: SlotRuntime, idle: boolean, changed: (slot: SlotRuntime) => void): void {
  if (slot.idle === idle) return
  slot.idle = idle
  changed(slot)
}

function checkSettings(patch: SettingsPatch): SettingsPatch {
  const checked = settingsPatch.safeParse(patch)
  if (checked.success) return checked.data
  throw new ModelyardError('invalid_request', `The settings are not valid: ${checked.error.issues[0]?.message ?? 'unknown form'}.`)
}
