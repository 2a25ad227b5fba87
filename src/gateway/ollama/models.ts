/** Our models as Ollama lists them. What no engine tells is empty, as with Ollama itself; a slot stands there as a model of its name. */
import { createHash } from 'node:crypto'
import type { Instance, Model, ModelCapability } from '../../contract/index.ts'
import { type ListedChoice, since } from '../list-entry.ts'

/** Go's zero time, which Ollama's clients show as "Never". */
const never = '0001-01-01T00:00:00Z'
/** As far away as what Ollama itself says of a model that stays for ever. */
const forEver = '2319-01-01T00:00:00Z'

export const ollamaTags = (choices: readonly ListedChoice[]): unknown => ({
  models: choices.map((choice) => ({
    ...named(choice),
    modified_at: since(choice) ?? never,
    size: choice.model?.sizeBytes ?? 0,
    digest: digestOf(choice),
    details: { ...detailsOf(choice.model), ...contextOf(choice.model?.contextLength) },
    capabilities: capabilitiesOf(choice.model),
  })),
})

/** What is in memory, under each name that it answers to. */
export const ollamaPs = (choices: readonly ListedChoice[]): unknown => ({
  models: choices.flatMap((choice) => (choice.model?.loaded ?? []).map((instance) => loadedEntry(choice, instance))),
})

function loadedEntry(choice: ListedChoice, { memoryBytes, gpuBytes, expiresAt, contextLength }: Instance): object {
  return {
    ...named(choice),
    size: memoryBytes ?? 0,
    digest: digestOf(choice),
    details: detailsOf(choice.model),
    expires_at: expiresAt ?? forEver,
    size_vram: gpuBytes ?? 0,
    ...contextOf(contextLength),
  }
}

/** Never a path of this machine: `modelfile` names the model only. */
export function ollamaShow(choice: ListedChoice): unknown {
  const { model } = choice
  const architecture = model?.family ?? 'unknown'
  return {
    modelfile: `FROM ${choice.id}\n`,
    parameters: model?.load?.contextLength === undefined ? '' : `num_ctx ${model.load.contextLength}`,
    template: model?.details?.template ?? '',
    details: detailsOf(model),
    model_info: {
      'general.architecture': architecture,
      ...(model?.displayName !== undefined && { 'general.name': model.displayName }),
      ...(model?.contextLength !== undefined && { [`${architecture}.context_length`]: model.contextLength }),
    },
    capabilities: capabilitiesOf(model),
    modified_at: since(choice) ?? never,
  }
}

const named = ({ id }: ListedChoice): object => ({ name: id, model: id })
const contextOf = (tokens: number | undefined): object => (tokens === undefined ? {} : { context_length: tokens })

function detailsOf(model: Model | undefined): object {
  const family = model?.family ?? ''
  return {
    parent_model: '',
    format: model?.format ?? '',
    family,
    families: family === '' ? null : [family],
    parameter_size: model?.parameters ?? '',
    quantization_level: model?.quantization ?? '',
  }
}

/** Clients take it for what tells two models apart; the file's own where it is known. */
function digestOf({ id, model }: ListedChoice): string {
  const known = model?.source?.sha256.toLowerCase()
  if (known !== undefined && /^[0-9a-f]{64}$/.test(known)) return known
  return createHash('sha256')
    .update(model?.ref ?? id)
    .digest('hex')
}

const capabilitiesOf = (model: Model | undefined): string[] => (model?.capabilities ?? []).map(capabilityOf)
const capabilityOf = (capability: ModelCapability): string => (capability === 'reasoning' ? 'thinking' : capability)
