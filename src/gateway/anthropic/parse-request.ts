/** The body of `POST /v1/messages` as a neutral chat. */
import type { AnswerFormat } from '../../contract/index.ts'
import type { AskedChat, Fields, NeutralChat } from '../dialect.ts'
import { asText, badField, flagField, listField, needed, numberField, objectField, refuseFields, within, wordField } from '../fields.ts'
import { known } from '../known.ts'
import { limits, ranges } from '../ranges.ts'
import { messagesOf } from './parse-messages.ts'
import { toolsOf } from './parse-tools.ts'
import { messageFields } from './request-fields.ts'

export function parseRequest(body: Fields): AskedChat {
  const chat = parseChat(body)
  needed(chat.maxTokens, 'max_tokens', 'a whole number')
  return { chat, stream: flagField(body, 'stream') ?? false }
}

/** The same without what `count_tokens` need not say. */
export function parseChat(body: Fields): NeutralChat {
  refuseFields(body, messageFields)
  return {
    messages: messagesOf(body),
    ...toolsOf(body),
    ...known({
      format: formatOf(body),
      maxTokens: numberField(body, 'max_tokens', ranges.maxTokens),
      temperature: numberField(body, 'temperature', ranges.temperature),
      topP: numberField(body, 'top_p', ranges.topP),
      topK: numberField(body, 'top_k', ranges.topK),
      stop: stopsOf(body),
      reasoning: reasoningOf(body),
    }),
  }
}

function stopsOf(body: Fields): string[] | undefined {
  const stops = listField(body, 'stop_sequences', limits.stops)
  if (stops === undefined || stops.length === 0) return undefined
  return stops.map((one, index) => {
    const field = within('stop_sequences', index)
    const text = asText(one, field)
    if (text !== '' && text.length <= limits.stopChars) return text
    throw badField(field, `Expected text of 1 to ${limits.stopChars} characters as ${field}; ${text.length} came.`)
  })
}

const efforts = ['low', 'medium', 'high', 'xhigh', 'max'] as const

/**
 * A budget in tokens can be said to no engine: thinking is on, and `effort` says how much. Thinking that is adaptive is what
 * a model does that is told nothing.
 */
function reasoningOf(body: Fields): NeutralChat['reasoning'] {
  const thinking = objectField(body, 'thinking') ?? { type: 'adaptive' }
  const type = wordField(thinking, 'type', ['enabled', 'disabled', 'adaptive', 'between_tools'], 'thinking')
  needed(type, 'thinking.type', 'a word')
  numberField(thinking, 'budget_tokens', ranges.maxTokens, 'thinking')
  const config = objectField(body, 'output_config') ?? {}
  const effort = wordField(config, 'effort', efforts, 'output_config')
  if (type === 'disabled') return false
  if (effort !== undefined) return effort === 'low' || effort === 'medium' ? effort : 'high'
  return type === 'enabled' ? true : undefined
}

/** `output_config.format`, or `output_format` as it was called before. */
function formatOf(body: Fields): AnswerFormat | undefined {
  const config = objectField(body, 'output_config') ?? {}
  const older = objectField(body, 'output_format')
  const format = objectField(config, 'format', 'output_config')
  if (format && older) throw badField('output_format', 'Expected one of output_config.format and output_format; both came.')
  if (older) return schemaOf(older, 'output_format')
  return format && schemaOf(format, 'output_config.format')
}

function schemaOf(format: Fields, path: string): AnswerFormat {
  needed(wordField(format, 'type', ['json_schema'], path), within(path, 'type'), '"json_schema"')
  return { type: 'schema', schema: needed(objectField(format, 'schema', path), within(path, 'schema'), 'a JSON schema') }
}
