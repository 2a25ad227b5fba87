/** Which models a filter lets through. Pure. */
import type { Model } from '../../sdk.ts'

export interface Filter {
  readonly words: string
  readonly provider: string
}

export const noFilter: Filter = { words: '', provider: '' }

/** What words are looked for in, in lower case; made once for each list. */
export interface Findable {
  readonly model: Model
  readonly haystack: string
}

export function findable(model: Model): Findable {
  const { name, displayName = '', provider, quantization = '', family = '', parameters = '' } = model
  return { model, haystack: [name, displayName, provider, quantization, family, parameters].join('\n').toLowerCase() }
}

/** Every word has to be somewhere. */
export function filtered(models: readonly Findable[], { words, provider }: Filter): Model[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
  return models
    .filter(({ model, haystack }) => (provider === '' || model.provider === provider) && wanted.every((word) => haystack.includes(word)))
    .map(({ model }) => model)
}
