/** Looks at everything that usually goes wrong, and says what helps. Changes nothing. */
import { access, constants } from 'node:fs/promises'
import type { Drift, Finding, Hardware, ProviderInfo, Slot } from '../contract/index.ts'

export interface Examined {
  readonly home: string
  readonly library: string
  readonly providers: readonly ProviderInfo[]
  readonly slots: readonly Slot[]
  readonly drift: readonly Drift[]
  readonly hardware: Hardware
  readonly envFile: { readonly path: string; readonly error?: { message: string } | undefined }
  readonly warnings: readonly string[]
}

/** Below this much free space an engine or a state file may fail to write. */
const lowDiskBytes = 1e9

export async function examine(found: Examined): Promise<Finding[]> {
  return [
    await folder('home', found.home),
    await folder('library', found.library),
    envFinding(found),
    ...found.warnings.map((text, index): Finding => ({ id: `state:${index}`, level: 'warning', text, fixable: false })),
    ...found.providers.map((one) => providerFinding(one, found.slots)),
    ...(found.providers.some((one) => one.state === 'ready') ? [] : [noEngine]),
    ...found.slots.map(slotFinding),
    ...found.drift.map((one): Finding => ({ id: `drift:${one.id}`, level: 'warning', text: one.text, hint: one.hint, fixable: false })),
    ...found.hardware.volumes.filter((one) => one.free < lowDiskBytes).map(lowDisk),
  ]
}

async function folder(what: string, path: string): Promise<Finding> {
  try {
    await access(path, constants.R_OK | constants.W_OK)
    return { id: `folder:${what}`, level: 'ok', text: `The ${what} ${path} can be read and written.`, fixable: false }
  } catch {
    return {
      id: `folder:${what}`,
      level: 'error',
      text: `The ${what} ${path} cannot be read and written.`,
      hint: 'Correct its permissions, or choose another folder.',
      fixable: false,
    }
  }
}

function envFinding({ envFile }: Examined): Finding {
  const { path, error } = envFile
  if (error) return { id: 'env', level: 'error', text: error.message, hint: 'Correct the named line by hand.', fixable: false }
  return { id: 'env', level: 'ok', text: `The choice is mirrored into ${path}.`, fixable: false }
}

function providerFinding(one: ProviderInfo, slots: readonly Slot[]): Finding {
  const used = slots.some((slot) => slot.provider === one.id)
  const quiet = one.state === 'not_installed' || one.state === 'stopped' || one.state === 'disabled' || one.state === 'unreachable'
  const level = one.state === 'ready' || one.state === 'starting' ? 'ok' : used ? 'error' : quiet ? 'info' : 'warning'
  const why = one.error ? `: ${one.error.message}` : ''
  return {
    id: `provider:${one.id}`,
    level,
    text: `${one.id} is ${one.state.replace('_', ' ')}${why}`,
    ...(one.hint && { hint: one.hint }),
    fixable: false,
  }
}

const noEngine: Finding = {
  id: 'engines',
  level: 'warning',
  text: 'No model server answers.',
  hint: 'Start Ollama, LM Studio or llama-server, or use the embedded engine: `modelyard providers` says what each needs.',
  fixable: false,
}

function slotFinding(slot: Slot): Finding {
  const id = `slot:${slot.slot}`
  if (slot.state === 'empty')
    return { id, level: 'info', text: `The slot "${slot.slot}" has no model.`, hint: 'Fill it with `modelyard use REF`.', fixable: false }
  if (!slot.reason)
    return { id, level: 'ok', text: `The slot "${slot.slot}" is ${slot.state}${slot.ref ? ` with ${slot.ref}` : ''}.`, fixable: false }
  const level = slot.state === 'degraded' ? 'error' : 'warning'
  return {
    id,
    level,
    text: `The slot "${slot.slot}" is ${slot.state}: ${slot.reason.message}`,
    ...(slot.reason.hint && { hint: slot.reason.hint }),
    fixable: false,
  }
}

const lowDisk = ({ path, free }: { path: string; free: number }): Finding => ({
  id: `disk:${path}`,
  level: 'warning',
  text: `Only ${Math.round(free / 1e6)} MB are free on the volume of ${path}.`,
  hint: 'Make room.',
  bytes: free,
  fixable: false,
})
