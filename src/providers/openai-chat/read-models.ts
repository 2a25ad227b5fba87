import { ModelyardError } from '../../contract/index.ts'
import { engineWords } from '../engine-words.ts'
import { isFields } from './read-chunk.ts'

/** One entry of `data` in `GET /v1/models`: an id, and whatever else the engine adds. */
export type ListedEntry = Readonly<Record<string, unknown>> & { readonly id: string }

/**
 * The entries of an answer to `GET /v1/models`; `data: null` is an empty list (Ollama). Throws `provider_protocol`
 * when it is not such a list; an entry without an id is left out.
 */
export function readModels(body: unknown, label: string): ListedEntry[] {
  const data = isFields(body) ? body.data : undefined
  if (data === null && isFields(body) && body.object === 'list') return []
  if (!Array.isArray(data)) throw new ModelyardError('provider_protocol', `${label}: expected a list of models as "data".`)
  return data.filter((entry): entry is ListedEntry => isFields(entry) && typeof entry.id === 'string' && entry.id !== '')
}

/** A count as engines send it; anything else is unknown. */
export const wholeNumber = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined

/** Text fit to be shown: not empty, not endless, without control characters. */
export function shownText(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 200) return undefined
  const text = engineWords(value)
  return text === '' ? undefined : text
}
