/**
 * What is looked at in a body that its engine gets as the client wrote it: what would make no sense to any engine, and
 * what an engine would fetch. Only outermost members are read, so that a big body costs no more than a small one; all
 * else is the engine's own to refuse.
 */
import { badField, isFields, numberField, type Range, wrongField } from './fields.ts'
import { ranges } from './ranges.ts'
import type { Body } from './read-body.ts'

type Kind = 'text' | 'list' | 'object'

interface Form {
  /** What the request is about: what it may be, and whether it has to be there. Lists may not be empty then. */
  readonly about: { readonly field: string; readonly kinds: readonly Kind[]; readonly needed: boolean; readonly ofObjects?: true }
  readonly kinds: Readonly<Record<string, readonly Kind[]>>
}

/** -1 is no limit, or any, to llama.cpp, LM Studio and vLLM; Ollama has -2 as well. */
const orMinusOne = (range: Range): Range => ({ ...range, min: -1 })
const numbers: Readonly<Record<string, Range>> = {
  max_tokens: orMinusOne(ranges.maxTokens),
  max_completion_tokens: orMinusOne(ranges.maxTokens),
  max_output_tokens: orMinusOne(ranges.maxTokens),
  num_predict: { ...ranges.maxTokens, min: -2 },
  temperature: ranges.temperature,
  top_p: ranges.topP,
  top_k: orMinusOne(ranges.topK),
  min_p: ranges.minP,
  frequency_penalty: ranges.frequencyPenalty,
  presence_penalty: ranges.presencePenalty,
  repeat_penalty: ranges.repeatPenalty,
  repetition_penalty: ranges.repeatPenalty,
  // Some take 64 bits.
  seed: { min: -(2 ** 63), max: 2 ** 64, whole: true },
  n: { min: 1, max: 128, whole: true },
}

const messages = { field: 'messages', kinds: ['list'], needed: true, ofObjects: true } as const
const shared = { tools: ['list'], stop: ['text', 'list'] } as const

const forms: Readonly<Record<string, Form>> = {
  '/v1/chat/completions': { about: messages, kinds: shared },
  '/v1/completions': { about: { field: 'prompt', kinds: ['text', 'list', 'object'], needed: true }, kinds: shared },
  '/v1/responses': { about: { field: 'input', kinds: ['text', 'list'], needed: true }, kinds: shared },
  '/v1/messages': { about: messages, kinds: { tools: ['list'], system: ['text', 'list'], stop_sequences: ['list'] } },
  '/v1/embeddings': { about: { field: 'input', kinds: ['text', 'list', 'object'], needed: true }, kinds: {} },
  // Without messages, a prompt or texts Ollama only loads.
  '/api/chat': { about: { ...messages, needed: false }, kinds: { tools: ['list'], options: ['object'] } },
  '/api/generate': { about: { field: 'prompt', kinds: ['text'], needed: false }, kinds: { images: ['list'], options: ['object'] } },
  '/api/embed': { about: { field: 'input', kinds: ['text', 'list'], needed: false }, kinds: { options: ['object'] } },
  '/api/embeddings': { about: { field: 'prompt', kinds: ['text'], needed: false }, kinds: { options: ['object'] } },
}

/** Throws `invalid_request` with `details.field`. */
export function checkHandedOn(body: Body, path: string): void {
  if (body.address !== undefined)
    throw badField(
      body.address,
      `Expected the bytes themselves as "data:…;base64,…" in ${body.address}; another address came. Nothing is ever fetched.`,
      'Send the image itself, as base64 in a data URL.',
    )
  for (const name of body.members.keys()) {
    const range = Object.hasOwn(numbers, name) ? numbers[name] : undefined
    if (range) checkNumber(body, name, range)
  }
  const form = forms[path]
  if (!form) return
  for (const [name, kinds] of Object.entries(form.kinds)) checkKind(body, name, kinds)
  checkAbout(body, form.about)
  if (path.startsWith('/api/')) checkOptions(body)
}

function checkNumber(body: Body, name: string, range: Range): void {
  const kind = kindOf(body, name)
  if (kind === 'other') numberField({ [name]: body.member(name) }, name, range)
  else if (kind !== undefined) throw badField(name, `Expected a number as ${name}; ${words[kind]} came.`)
}

/** Nobody sets so many by hand. */
const maxOptionsBytes = 64 * 1024

function checkOptions(body: Body): void {
  const place = body.members.get('options')
  if (!place) return
  if (place.end - place.start > maxOptionsBytes) throw badField('options', `Expected at most ${maxOptionsBytes} bytes as options.`)
  const options = body.member('options')
  if (!isFields(options)) return
  for (const name in options) if (Object.hasOwn(numbers, name)) numberField(options, name, numbers[name] as Range, 'options')
}

const [openList, openObject, quote, null_] = [0x5b, 0x7b, 0x22, 0x6e]

/** Undefined: it is absent, or null. */
function kindOf(body: Body, name: string): Kind | 'other' | undefined {
  const place = body.members.get(name)
  const first = place && body.bytes[place.start]
  if (first === undefined || first === null_) return undefined
  return first === openList ? 'list' : first === openObject ? 'object' : first === quote ? 'text' : 'other'
}

function checkKind(body: Body, name: string, kinds: readonly Kind[]): void {
  const kind = kindOf(body, name)
  if (kind === undefined || kinds.some((one) => one === kind)) return
  if (kind === 'other') throw wrongField(name, wordsOf(kinds), body.member(name))
  throw badField(name, `Expected ${wordsOf(kinds)} as ${name}; ${words[kind]} came.`)
}

const words = { text: 'text', list: 'a list', object: 'an object' } as const
const wordsOf = (kinds: readonly Kind[]): string => kinds.map((kind) => words[kind]).join(' or ')

function checkAbout(body: Body, { field, kinds, needed, ofObjects }: Form['about']): void {
  checkKind(body, field, kinds)
  const kind = kindOf(body, field)
  if (kind === undefined && needed) throw wrongField(field, wordsOf(kinds), undefined)
  if (kind !== 'list') return
  const first = firstInside(body, field)
  if (first === undefined && needed) throw badField(field, `Expected one member at least in ${field}; an empty list came.`)
  if (first !== undefined && ofObjects && first !== openObject) throw badField(field, `Expected a list of objects as ${field}.`)
}

/** The first byte of a list's first member. */
function firstInside({ bytes, members }: Body, name: string): number | undefined {
  const { start, end } = members.get(name) as { start: number; end: number }
  let at = start + 1
  while (at < end && (bytes[at] as number) <= 0x20) at += 1
  return at < end - 1 ? bytes[at] : undefined
}
