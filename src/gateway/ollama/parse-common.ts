/** What `/api/chat` and `/api/generate` have in common. */
import type { AnswerFormat } from '../../contract/index.ts'
import type { Fields, NeutralChat } from '../dialect.ts'
import { asText, flagField, isFields, listField, numberField, objectField, type Range, within, wordField, wrongField } from '../fields.ts'
import { bareImage, type ImagePart } from '../images.ts'
import { known } from '../known.ts'
import { limits, ranges } from '../ranges.ts'

/** Ollama streams unless it is told not to. */
export const streams = (body: Fields): boolean => flagField(body, 'stream') ?? true

export const sharedPart = (body: Fields): Partial<NeutralChat> => ({
  ...known({ format: formatOf(body), reasoning: thinkOf(body), logprobs: logprobsOf(body) }),
  ...samplingOf(objectField(body, 'options') ?? {}),
})

const path = 'options'

const samplingOf = (options: Fields): Partial<NeutralChat> =>
  known({
    maxTokens: unlessBelow(options, 'num_predict', 1, ranges.maxTokens),
    temperature: numberField(options, 'temperature', ranges.temperature, path),
    topP: numberField(options, 'top_p', ranges.topP, path),
    topK: numberField(options, 'top_k', ranges.topK, path),
    minP: numberField(options, 'min_p', ranges.minP, path),
    frequencyPenalty: numberField(options, 'frequency_penalty', ranges.frequencyPenalty, path),
    presencePenalty: numberField(options, 'presence_penalty', ranges.presencePenalty, path),
    repeatPenalty: numberField(options, 'repeat_penalty', ranges.repeatPenalty, path),
    seed: unlessBelow(options, 'seed', 0, ranges.seed),
    stop: stopsOf(options),
  })

/** 0, -1 and -2 set no limit to `num_predict`; -1 is any `seed`. */
function unlessBelow(options: Fields, key: string, least: number, range: Range): number | undefined {
  const number = numberField(options, key, { ...range, min: -2 }, path)
  return number === undefined || number < least ? undefined : number
}

function stopsOf(options: Fields): string[] | undefined {
  const field = within(path, 'stop')
  const stops = typeof options.stop === 'string' ? [options.stop] : listField(options, 'stop', limits.stops, path)
  const texts = stops?.map((stop, index) => asText(stop, within(field, index))).filter((stop) => stop !== '')
  const long = texts?.find((stop) => stop.length > limits.stopChars)
  if (long !== undefined) throw wrongField(field, `texts of at most ${limits.stopChars} characters`, long)
  return texts?.length === 0 ? undefined : texts
}

function formatOf({ format }: Fields): AnswerFormat | undefined {
  if (format === undefined || format === null || format === '') return undefined
  if (format === 'json') return { type: 'json' }
  if (isFields(format)) return { type: 'schema', schema: format }
  throw wrongField('format', '"json" or a JSON Schema', format)
}

function thinkOf(body: Fields): NeutralChat['reasoning'] {
  if (typeof body.think === 'boolean') return body.think
  const word = wordField(body, 'think', ['low', 'medium', 'high', 'max'])
  return word === 'max' ? 'high' : word
}

/** How many alternatives are wanted says nothing where no probability is. */
function logprobsOf(body: Fields): number | undefined {
  const top = numberField(body, 'top_logprobs', ranges.logprobs) ?? 0
  return flagField(body, 'logprobs') === true ? top : undefined
}

export const imagesOf = (from: Fields, at = ''): ImagePart[] =>
  (listField(from, 'images', limits.parts - 1, at) ?? []).map((image, index) => {
    const field = within(within(at, 'images'), index)
    return bareImage(asText(image, field), field)
  })

/** Images stand before the text, which is where Ollama puts them in the prompt. */
export function contentWith(images: readonly ImagePart[], text: string): NeutralChat['messages'][number]['content'] {
  if (images.length === 0) return text
  return text === '' ? [...images] : [...images, { type: 'text', text }]
}
