/** Load options as a person writes them, and what has to be sent for them. Pure. */
import type { LoadOptions, ModelPatch } from '../../sdk.ts'

/** What stands in the fields; empty: the engine's own choice. */
export interface LoadForm {
  readonly contextLength: string
  readonly gpuLayers: string
  readonly keepAlive: string
}

export type LoadField = keyof LoadForm

export const formOf = ({ contextLength, gpuLayers, keepAlive }: LoadOptions = {}): LoadForm => ({
  contextLength: contextLength === undefined ? '' : String(contextLength),
  gpuLayers: gpuLayers === undefined ? '' : String(gpuLayers),
  keepAlive: keepAlive === undefined ? '' : String(keepAlive),
})

const limits = { contextLength: [4, 16_777_216], gpuLayers: [0, 10_000] } as const
const aTime = /^(?:-1|0|-?(?:\d{1,9}(?:ms|s|m|h))+)$/

/** Fields that cannot be sent as they are. */
export function faultsOf(form: LoadForm): LoadField[] {
  const isNumber = (field: 'contextLength' | 'gpuLayers'): boolean => {
    const [least, most] = limits[field]
    const value = Number(form[field])
    return form[field] === '' || (/^\d{1,9}$/.test(form[field]) && value >= least && value <= most)
  }
  const isTime = form.keepAlive === '' || aTime.test(form.keepAlive) || /^\d{1,8}$/.test(form.keepAlive)
  return [...(['contextLength', 'gpuLayers'] as const).filter((field) => !isNumber(field)), ...(isTime ? [] : ['keepAlive' as const])]
}

export function optionsOf({ contextLength, gpuLayers, keepAlive }: LoadForm): LoadOptions {
  return {
    ...(contextLength !== '' && { contextLength: Number(contextLength) }),
    ...(gpuLayers !== '' && { gpuLayers: Number(gpuLayers) }),
    ...(keepAlive !== '' && { keepAlive: /^\d+$/.test(keepAlive) ? Number(keepAlive) : keepAlive }),
  }
}

/** Options are added to those that are remembered, so what was emptied has to be forgotten first. */
export function patchesOf(had: LoadOptions | undefined, form: LoadForm): ModelPatch[] {
  const load = optionsOf(form)
  const gone = Object.keys(had ?? {}).some((field) => !(field in load))
  return [...(gone ? [{ load: null }] : []), ...(Object.keys(load).length > 0 ? [{ load }] : [])]
}

export const sameForm = (a: LoadForm, b: LoadForm): boolean =>
  a.contextLength === b.contextLength && a.gpuLayers === b.gpuLayers && a.keepAlive === b.keepAlive

/** Where the options in force come from: remembered here, written in the configuration, or the engine's own choice. */
export function originOf(load: LoadOptions | undefined, configured: LoadOptions | undefined): 'remembered' | 'configured' | 'engine' {
  if (!load || Object.keys(load).length === 0) return 'engine'
  return configured && sameForm(formOf(load), formOf(configured)) ? 'configured' : 'remembered'
}
