/** The last known state of every provider: what the doors show without asking an engine. */
import { joinRef, type LoadedModel, type ProviderInfo } from '../contract/index.ts'
import type { ListedModel, LoadedInstance, ProbeResult, Provider } from '../providers/provider.ts'

export interface Seen {
  readonly provider: Provider
  probe: ProbeResult
  models?: readonly ListedModel[] | undefined
  loaded: readonly LoadedInstance[]
  /** How each slot that serves stood when this look began. */
  readonly believed: ReadonlyMap<string, unknown>
  /** Equal fingerprints: nothing a door shows has changed. */
  fingerprint: string
  modelsFingerprint: string
}

export function infoOf({ provider, probe, loaded }: Seen): ProviderInfo {
  return {
    id: provider.id,
    kind: provider.kind,
    ...(provider.baseUrl && { baseUrl: provider.baseUrl }),
    state: probe.state,
    ...(probe.version && { version: probe.version }),
    capabilities: probe.capabilities ?? provider.capabilities,
    loaded: loaded.map((one) => loadedModelOf(provider.id, one)),
    ...(probe.error && { error: probe.error }),
    ...(probe.hint && { hint: probe.hint }),
  }
}

export function loadedModelOf(provider: string, one: LoadedInstance): LoadedModel {
  return { ref: joinRef(provider, one.name), name: one.name, ...instanceOf(one) }
}

export function instanceOf(one: LoadedInstance): Omit<LoadedModel, 'ref' | 'name'> {
  return {
    ...(one.contextLength !== undefined && { contextLength: one.contextLength }),
    ...(one.memoryBytes !== undefined && { memoryBytes: one.memoryBytes }),
    ...(one.gpuBytes !== undefined && { gpuBytes: one.gpuBytes }),
    ...(one.expiresAt !== undefined && { expiresAt: one.expiresAt }),
    loadedBy: one.loadedBy,
  }
}

/** Expiry and memory move with every request: they are shown, but are no change worth an event. */
export function fingerprintOf(seen: Pick<Seen, 'probe' | 'loaded'>): string {
  const loaded = seen.loaded.map((one) => [one.name, one.instanceId, one.contextLength, one.loadedBy, one.state])
  return JSON.stringify([seen.probe.state, seen.probe.version, seen.probe.error, seen.probe.hint, loaded])
}

/** An engine that lists ten thousand models gives the same list again while nothing has changed. */
export function modelsFingerprintOf(models: readonly ListedModel[] | undefined): string {
  if (!models) return ''
  const known = fingerprints.get(models)
  if (known !== undefined) return known
  const fingerprint = JSON.stringify(models.map((one) => [one.name, one.identity, one.kind, one.sizeBytes, one.modifiedAt]))
  fingerprints.set(models, fingerprint)
  return fingerprint
}

const fingerprints = new WeakMap<readonly ListedModel[], string>()
