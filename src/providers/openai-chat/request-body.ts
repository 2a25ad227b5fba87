import type { AnswerFormat, Tool } from '../../contract/index.ts'
import { chosenTools, noParameters, refusal } from '../chosen-tools.ts'
import type { ProviderChatRequest } from '../provider.ts'
import { sharedSampling } from '../shared-sampling.ts'
import type { Wire } from './wire.ts'
import { wireMessage } from './wire-messages.ts'

type Fields = Record<string, unknown>

/**
 * The body of `POST /v1/chat/completions`, streamed and with usage. Only what was asked for is in it. Throws
 * `invalid_request` for what this engine cannot be asked, with the neutral field in `details.field`.
 */
export function requestBody(request: ProviderChatRequest, model: string, wire: Wire): Fields {
  return {
    ...promptBody(request, model, wire),
    stream: true,
    stream_options: { include_usage: true },
    ...samplingFields(request, wire),
    ...logprobFields(request, wire),
    ...(request.maxTokens !== undefined && { max_tokens: request.maxTokens }),
    ...(request.stop !== undefined && request.stop.length > 0 && { stop: request.stop }),
    ...(request.format && { response_format: formatField(request.format, wire) }),
  }
}

/** What of it makes the prompt. */
export function promptBody(request: ProviderChatRequest, model: string, wire: Wire): Fields {
  return {
    model,
    messages: request.messages.map((message) => wireMessage(message, wire)),
    ...toolFields(request, wire),
    ...thinkingFields(request, wire),
  }
}

function samplingFields(request: ProviderChatRequest, { label, sampling, repeatPenalty }: Wire): Fields {
  const { topK, minP, repeatPenalty: wanted } = request
  const [unknown] = [
    ...(sampling ? [] : [topK !== undefined && 'topK', minP !== undefined && 'minP']),
    repeatPenalty === undefined && wanted !== undefined && 'repeatPenalty',
  ].filter((field) => field !== false)
  if (unknown !== undefined) throw refusal(unknown, `${label} does not know "${unknown}".`, `Leave "${unknown}" out.`)
  return { ...sharedSampling(request), ...(repeatPenalty !== undefined && wanted !== undefined && { [repeatPenalty]: wanted }) }
}

/** Without a number to `top_logprobs` llama.cpp tells twenty, and none for 0 (server-common.cpp); LMDeploy none (lmdeploy#2802). */
function logprobFields(request: ProviderChatRequest, { label, logprobs }: Wire): Fields {
  if (request.logprobs === undefined) return {}
  if (logprobs === 'never') throw refusal('logprobs', `${label} does not tell how probable tokens were.`, 'Leave "logprobs" out.')
  if (logprobs === 'without-tools' && chosenTools(request).tools.length > 0)
    throw refusal(
      'logprobs',
      `${label} does not tell how probable tokens were where tools can be called.`,
      'Leave "logprobs" or "tools" out.',
    )
  return { logprobs: true, top_logprobs: Math.max(1, request.logprobs) }
}

function toolFields(request: ProviderChatRequest, { namedTool }: Wire): Fields {
  const { tools, choice } = chosenTools(request)
  if (tools.length === 0) return {}
  const named = typeof choice === 'object' ? choice.name : undefined
  const offered = named === undefined || namedTool ? tools : tools.filter(({ name }) => name === named)
  const demanded = named === undefined ? choice : namedTool ? { type: 'function', function: { name: named } } : 'required'
  return {
    tools: offered.map(wireTool),
    ...(request.toolChoice !== undefined && { tool_choice: demanded }),
    ...(request.parallelToolCalls !== undefined && { parallel_tool_calls: request.parallelToolCalls }),
  }
}

const wireTool = ({ name, description, parameters, strict }: Tool): Fields => ({
  type: 'function',
  function: {
    name,
    ...(description !== undefined && { description }),
    parameters: parameters ?? noParameters,
    ...(strict !== undefined && { strict }),
  },
})

function formatField(format: AnswerFormat, { jsonObject }: Wire): Fields {
  if (format.type === 'json' && jsonObject) return { type: 'json_object' }
  const { schema, name, strict } = format.type === 'json' ? { schema: { type: 'object' }, name: undefined, strict: undefined } : format
  return { type: 'json_schema', json_schema: { name: name ?? 'answer', schema, ...(strict !== undefined && { strict }) } }
}

/** A word is OpenAI's own field; whether a model thinks at all is a matter of its template. */
function thinkingFields({ reasoning }: ProviderChatRequest, { templateThinking }: Wire): Fields {
  if (reasoning === undefined) return {}
  return {
    ...(templateThinking && { chat_template_kwargs: { enable_thinking: reasoning !== false } }),
    ...(typeof reasoning === 'string' && { reasoning_effort: reasoning }),
  }
}
