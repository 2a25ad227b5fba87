/**
 * Does it fit a machine? Weights, context cache and overhead against what is free now: reckoned for what the Hub has, and by
 * a page for what only its size is known of. Where the shape of the cache is not known it lies between two bounds, and the
 * answer is given only where both agree.
 */
import type { Fit, Hardware } from '../contract/index.ts'
import { assumedContext, type CacheShape, cachePerToken, overheadOf } from '../util/model-memory.ts'

export interface FitInput {
  readonly weightsBytes: number
  readonly parameters?: number | undefined
  /** The longest that the model has. */
  readonly contextLength?: number | undefined
  readonly cache?: CacheShape | undefined
  readonly hardware: Hardware
}

interface Room {
  readonly memory: number
  /** 0: no GPU is known. Undefined: there is one that does not tell. */
  readonly gpu: number | undefined
}

export function fitOf({ weightsBytes, parameters, contextLength, cache, hardware }: FitInput): Fit {
  const room = roomOf(hardware)
  const context = Math.min(assumedContext, contextLength ?? Number.POSITIVE_INFINITY)
  const overheadBytes = Math.round(overheadOf(weightsBytes))
  const fixed = weightsBytes + overheadBytes
  const common = {
    weightsBytes,
    overheadBytes,
    contextLength: context,
    freeBytes: room.memory,
    ...(room.gpu !== undefined && room.gpu > 0 && { freeGpuBytes: room.gpu }),
  }
  const base = `weights ${gb(weightsBytes)} + overhead ${gb(overheadBytes)}`
  if (cache) {
    const contextBytes = context * cachePerToken(cache)
    const neededBytes = fixed + contextBytes
    const text = `${base} + context cache ${gb(contextBytes)} (${context} tokens) = ${gb(neededBytes)}, against ${against(room)}`
    return { verdict: verdictOf(neededBytes, room), ...common, contextBytes, neededBytes, text }
  }
  const bounds = cacheBounds(context, parameters)
  const [least, most] = [verdictOf(fixed + bounds.least, room), verdictOf(fixed + bounds.most, room)]
  const between = Number.isFinite(bounds.most) ? ` between ${gb(bounds.least)} and ${gb(bounds.most)}` : ' not known'
  const text = `${base} + context cache${between} (${context} tokens, its shape is not known), against ${against(room)}`
  return { verdict: least === most ? least : 'unknown', ...common, text }
}

function roomOf({ memory, gpus }: Hardware): Room {
  const silent = gpus.some((gpu) => gpu.free === undefined)
  return { memory: memory.free, gpu: silent ? undefined : gpus.reduce((sum, gpu) => sum + (gpu.free ?? 0), 0) }
}

function verdictOf(needed: number, { memory, gpu }: Room): Fit['verdict'] {
  if (gpu !== undefined && gpu > 0 && needed <= gpu) return 'gpu'
  if (gpu === undefined || gpu === 0) {
    if (needed <= memory) return 'memory'
    return gpu === undefined ? 'unknown' : 'no'
  }
  return needed <= memory + gpu ? 'partly' : 'no'
}

/** A dense model of 7e9 parameters has vectors of 4096; they grow with the cube root. */
const knownWidth = 4096
const knownParameters = 7e9
/** Models share cached heads among up to this many; none does better in a plain cache. */
const mostSharing = 16

/** Most: every head has a cache of its own (parameters = 12 × layers × width²). Least: sixteen share one. */
function cacheBounds(context: number, parameters: number | undefined): { least: number; most: number } {
  if (!parameters || parameters <= 0) return { least: 0, most: Number.POSITIVE_INFINITY }
  const width = knownWidth * Math.cbrt(parameters / knownParameters)
  const most = context * 4 * (parameters / (12 * width))
  return { least: Math.round(most / mostSharing), most: Math.round(most) }
}

const against = ({ memory, gpu }: Room): string => {
  if (gpu === undefined) return `${gb(memory)} of free memory and a GPU that does not tell`
  return gpu > 0 ? `${gb(gpu)} free on the GPU and ${gb(memory)} of free memory` : `${gb(memory)} of free memory, no GPU known`
}

/** Two figures after the point: bounds that differ look different. */
const gb = (bytes: number): string => (bytes < 1e8 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(2)} GB`)
