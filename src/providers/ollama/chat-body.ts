/** The neutral chat as the body of `/api/chat`. Throws `invalid_request` for what Ollama cannot be asked. */
import type { AnswerFormat, ChatContent, ChatMessage, Tool, ToolCall } from '../../contract/index.ts'
import { chosenTools, noParameters, refusal } from '../chosen-tools.ts'
import { isFields } from '../openai-chat/index.ts'
import type { ProviderChatRequest } from '../provider.ts'
import { sharedSampling } from '../shared-sampling.ts'
import { label } from './ollama.ts'
import { type Fields, loadFields } from './wire.ts'

/** All but `think`, which depends on the model. */
export function chatBody(request: ProviderChatRequest): Fields {
  const loading = loadFields(request.load)
  const options = { ...loading.options, ...samplingOptions(request) }
  return {
    model: request.model,
    messages: request.messages.map((message, at) => messageOf(message, at, request.messages)),
    stream: true,
    ...toolFields(request),
    ...(request.format && { format: formatOf(request.format) }),
    ...(Object.keys(options).length > 0 && { options }),
    ...(request.logprobs !== undefined && { logprobs: true, ...(request.logprobs > 0 && { top_logprobs: request.logprobs }) }),
    ...(loading.keep_alive !== undefined && { keep_alive: loading.keep_alive }),
    // Else Ollama silently forgets the beginning of a conversation that is too long. `shift`, which says the same of one
    // that grows too long, is left alone: another value of it makes Ollama load the model anew (seen with 0.32).
    truncate: false,
  }
}

function samplingOptions(request: ProviderChatRequest): Fields {
  const { maxTokens, repeatPenalty, stop } = request
  return {
    ...sharedSampling(request),
    ...(maxTokens !== undefined && { num_predict: maxTokens }),
    ...(repeatPenalty !== undefined && { repeat_penalty: repeatPenalty }),
    ...(stop !== undefined && stop.length > 0 && { stop }),
  }
}

/** `/api/chat` has no choice among tools (ChatRequest in api/types.go of 0.32): that nothing is called is said by offering none. */
function toolFields(request: ProviderChatRequest): Fields {
  const { tools, choice } = chosenTools(request)
  if (tools.length === 0) return {}
  const leave = (field: string): string => `Leave "${field}" out, or ask another engine.`
  if (choice !== 'auto') throw refusal('toolChoice', `${label} cannot be made to call a tool.`, leave('toolChoice'))
  if (request.parallelToolCalls === false) {
    throw refusal('parallelToolCalls', `${label} cannot be kept from calling several tools at once.`, leave('parallelToolCalls'))
  }
  const strict = tools.findIndex((tool) => tool.strict === true)
  if (strict !== -1) throw refusal(`tools.${strict}.strict`, `${label} cannot hold a call to its tool's schema.`, leave('strict'))
  return { tools: tools.map(toolOf) }
}

const toolOf = ({ name, description, parameters }: Tool): Fields => ({
  type: 'function',
  function: { name, ...(description !== undefined && { description }), parameters: parameters ?? noParameters },
})

/** It holds every answer to its schema, strict or not. */
const formatOf = (format: AnswerFormat): unknown => (format.type === 'json' ? 'json' : format.schema)

function messageOf(message: ChatMessage, at: number, messages: readonly ChatMessage[]): Fields {
  const { role, content } = message
  if (role === 'tool') {
    const name = message.name ?? nameOfCall(message.toolCallId, messages.slice(0, at))
    return { role, ...contentOf(content), ...(name !== undefined && { tool_name: name }), tool_call_id: message.toolCallId }
  }
  if (role !== 'assistant') return { role, ...contentOf(content) }
  const { reasoning, toolCalls } = message
  return {
    role,
    ...contentOf(content),
    ...(reasoning !== undefined && reasoning !== '' && { thinking: reasoning }),
    ...(toolCalls && { tool_calls: toolCalls.map((call, index) => callOf(call, index, `messages.${at}.toolCalls.${index}.arguments`)) }),
  }
}

/** Of the call that a result answers; the newest, where an id came again. */
function nameOfCall(id: string, before: readonly ChatMessage[]): string | undefined {
  for (const message of before.toReversed()) {
    const call = message.role === 'assistant' ? message.toolCalls?.find((one) => one.id === id) : undefined
    if (call) return call.name
  }
  return undefined
}

const callOf = ({ id, name, arguments: written }: ToolCall, index: number, field: string): Fields => ({
  id,
  function: { index, name, arguments: argumentsOf(written, field) },
})

/** It takes the object itself. */
function argumentsOf(written: string, field: string): Fields {
  if (written.trim() === '') return {}
  try {
    const value: unknown = JSON.parse(written)
    if (isFields(value)) return value
  } catch {}
  throw refusal(field, `${label} takes only the JSON of an object as the arguments of a call.`, 'Correct the named call.')
}

function contentOf(content: ChatContent): Fields {
  if (typeof content === 'string') return { content }
  const images = content.flatMap((part) => (part.type === 'image' ? [part.data] : []))
  const words = content.flatMap((part) => (part.type === 'text' ? [part.text] : []))
  return { content: words.join('\n'), ...(images.length > 0 && { images }) }
}
