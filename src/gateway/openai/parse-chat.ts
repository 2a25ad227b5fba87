import type { AnswerFormat, Tool, ToolChoice } from '../../contract/index.ts'
import type { AskedChat, Fields, NeutralChat } from '../dialect.ts'
import {
  asText,
  badField,
  flagField,
  isFields,
  listField,
  needed,
  numberField,
  objectField,
  type Range,
  refuseFields,
  shortText,
  unsupportedField,
  within,
  wordField,
  wrongField,
} from '../fields.ts'
import { functionOf, functionTools, nameOf } from '../function-tools.ts'
import { known } from '../known.ts'
import { limits, ranges } from '../ranges.ts'
import { chatFields, harmlessValues } from './chat-fields.ts'
import { messagesOf } from './parse-messages.ts'

export function parseChat(body: Fields): AskedChat {
  refuseFields(body, chatFields, harmlessValues)
  const tools = functionTools(body)
  const chat: NeutralChat = {
    messages: messagesOf(body),
    ...known({
      tools,
      toolChoice: toolChoiceOf(body, tools ?? []),
      parallelToolCalls: flagField(body, 'parallel_tool_calls'),
      format: formatOf(body),
      stop: stopsOf(body),
      reasoning: reasoningOf(body),
      logprobs: logprobsOf(body),
    }),
    ...samplingOf(body),
  }
  objectField(body, 'stream_options')
  return { chat, stream: flagField(body, 'stream') ?? false }
}

const samplingOf = (body: Fields): Partial<NeutralChat> =>
  known({
    maxTokens: unlessMinusOne(body, 'max_completion_tokens', ranges.maxTokens) ?? unlessMinusOne(body, 'max_tokens', ranges.maxTokens),
    temperature: numberField(body, 'temperature', ranges.temperature),
    topP: numberField(body, 'top_p', ranges.topP),
    topK: unlessMinusOne(body, 'top_k', ranges.topK),
    minP: numberField(body, 'min_p', ranges.minP),
    frequencyPenalty: numberField(body, 'frequency_penalty', ranges.frequencyPenalty),
    presencePenalty: numberField(body, 'presence_penalty', ranges.presencePenalty),
    repeatPenalty:
      numberField(body, 'repeat_penalty', ranges.repeatPenalty) ?? numberField(body, 'repetition_penalty', ranges.repeatPenalty),
    seed: unlessMinusOne(body, 'seed', ranges.seed),
  })

/** To llama.cpp, LM Studio and vLLM -1 says: no limit, any seed. */
const unlessMinusOne = (body: Fields, key: string, range: Range): number | undefined =>
  body[key] === -1 ? undefined : numberField(body, key, range)

function stopsOf(body: Fields): string[] | undefined {
  const stops = typeof body.stop === 'string' ? [body.stop] : listField(body, 'stop', limits.stops)
  const texts = stops?.map((stop, index) => asText(stop, within('stop', index))).filter((stop) => stop !== '')
  const long = texts?.find((stop) => stop.length > limits.stopChars)
  if (long !== undefined) throw wrongField('stop', `texts of at most ${limits.stopChars} characters`, long)
  return texts?.length === 0 ? undefined : texts
}

/** Without tools there is nothing to choose, and engines refuse even a harmless word about it. */
function toolChoiceOf(body: Fields, tools: readonly Tool[]): ToolChoice | undefined {
  const asked = isFields(body.tool_choice) ? namedTool(body.tool_choice) : wordField(body, 'tool_choice', ['auto', 'none', 'required'])
  if (asked === 'required' && tools.length === 0) throw badField('tool_choice', 'Expected tools with tool_choice "required"; none came.')
  if (typeof asked === 'object' && !tools.some(({ name }) => name === asked.name))
    throw badField('tool_choice', `Expected the name of one of the tools as tool_choice; ${JSON.stringify(asked.name)} is none.`)
  return tools.length === 0 ? undefined : asked
}

function namedTool(choice: Fields): { name: string } {
  if (choice.type !== 'function') throw unsupportedField('tool_choice.type', 'it can name one "function"')
  return { name: nameOf(functionOf(choice, 'tool_choice'), 'tool_choice.function') }
}

function formatOf(body: Fields): AnswerFormat | undefined {
  const format = objectField(body, 'response_format')
  if (format === undefined) return undefined
  const types = ['text', 'json_object', 'json_schema'] as const
  const type = needed(wordField(format, 'type', types, 'response_format'), 'response_format.type', 'a form')
  if (type === 'text') return undefined
  if (type === 'json_schema') return schemaOf(needed(objectField(format, type, 'response_format'), `response_format.${type}`, 'an object'))
  // llama.cpp takes a schema here too.
  const schema = objectField(format, 'schema', 'response_format')
  return schema === undefined ? { type: 'json' } : { type: 'schema', schema }
}

function schemaOf(described: Fields): AnswerFormat {
  const path = 'response_format.json_schema'
  const schema = objectField(described, 'schema', path)
  if (schema === undefined) return { type: 'json' }
  const name = shortText(described, 'name', { max: limits.nameChars }, path)
  return { type: 'schema', schema, ...known({ name, strict: flagField(described, 'strict', path) }) }
}

function logprobsOf(body: Fields): number | undefined {
  const wanted = flagField(body, 'logprobs') ?? false
  const top = numberField(body, 'top_logprobs', ranges.logprobs) ?? 0
  if (!wanted && top > 0) throw badField('top_logprobs', 'Expected logprobs to be true with top_logprobs; it is not.')
  return wanted ? top : undefined
}

/** OpenAI's words of effort, and those that engines add, in three steps. */
const efforts = {
  none: false,
  minimal: 'low',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'high',
  max: 'high',
} as const
const effortWords = Object.keys(efforts) as (keyof typeof efforts)[]

function reasoningOf(body: Fields): NeutralChat['reasoning'] {
  const reasoning = objectField(body, 'reasoning') ?? {}
  const effort = wordField(body, 'reasoning_effort', effortWords) ?? wordField(reasoning, 'effort', effortWords, 'reasoning')
  const thinks = thinkingVariable(body)
  if (thinks === false || effort === undefined) return thinks
  return efforts[effort]
}

/** The variable of chat templates that llama.cpp, vLLM and SGLang set; others have no place in the neutral form. */
function thinkingVariable(body: Fields): boolean | undefined {
  const variables = objectField(body, 'chat_template_kwargs') ?? {}
  for (const [key, value] of Object.entries(variables))
    if (key !== 'enable_thinking' && value !== null) throw unsupportedField(within('chat_template_kwargs', key))
  return flagField(variables, 'enable_thinking', 'chat_template_kwargs')
}
