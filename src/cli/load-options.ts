import { keepAlive, type LoadOptions } from '../contract/index.ts'
import type { CommandContext } from './command-spec.ts'
import { wrongValue } from './option-values.ts'

/** `--ctx`, `--gpu-layers` and `--ttl` as load options; undefined when none was given. */
export function loadOptionsOf({ ctx, gpuLayers, ttl }: CommandContext['options']): LoadOptions | undefined {
  const load = {
    ...(typeof ctx === 'number' && { contextLength: ctx }),
    ...(typeof gpuLayers === 'number' && { gpuLayers }),
    ...(typeof ttl === 'string' && { keepAlive: timeToLive(ttl) }),
  }
  return Object.keys(load).length === 0 ? undefined : load
}

/** Seconds, or such as `30m`; `-1` for ever. */
export function timeToLive(text: string): string | number {
  const checked = keepAlive.safeParse(/^-?\d{1,9}$/.test(text) ? Number(text) : text)
  if (checked.success) return checked.data
  throw wrongValue(`--ttl takes seconds or such as 30m or 1h30m, -1 for ever, not "${text}".`)
}
