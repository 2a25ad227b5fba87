import { type Capabilities, type LoadOptions, ModelyardError } from '../contract/index.ts'

/**
 * Refuses options an engine cannot set for one load, by its capabilities. A context length is not judged here: where
 * it is fixed, the provider compares it with what the model runs with.
 */
export function refuseOptions(options: LoadOptions, capabilities: Capabilities, label: string): void {
  if (options.gpuLayers !== undefined && !capabilities.gpuLayers) {
    throw new ModelyardError('unsupported_operation', `${label} cannot set the layers on the GPU for one load.`, {
      hint: 'Leave "gpuLayers" out, or set it where the engine is started.',
    })
  }
  if (options.keepAlive !== undefined && !capabilities.keepAlive) {
    throw new ModelyardError('unsupported_operation', `${label} cannot be told how long to keep a model loaded.`, {
      hint: 'Leave "keepAlive" out, or set it in the engine itself.',
    })
  }
}

/** A context length that is not the one a model is fixed to. */
export function refuseContext(wanted: number | undefined, actual: readonly (number | undefined)[], label: string): void {
  const known = actual.filter((one) => one !== undefined)
  if (wanted === undefined || known.includes(wanted)) return
  const has = known.length === 0 ? 'does not say which it has' : `runs with ${known.join(' or ')}`
  throw new ModelyardError('unsupported_operation', `${label} cannot change the context of this model to ${wanted}: it ${has}.`, {
    hint: 'Leave "contextLength" out, or start the engine with the context you want.',
    details: { wanted, ...(known[0] !== undefined && { contextLength: known[0] }) },
  })
}
