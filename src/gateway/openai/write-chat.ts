import type { FinishReason, Logprob, Usage } from '../../contract/index.ts'
import type { ChatPart } from '../../providers/provider.ts'
import type { Answering, AnswerWriter, Fields, NeutralAnswer } from '../dialect.ts'
import { isFields } from '../fields.ts'
import { logprobsBody } from './logprobs.ts'
import { usageBody } from './usage.ts'

const idOf = (answering: Answering): string => `chatcmpl-${answering.id}`
const secondsOf = ({ at }: Answering): number => Math.floor(at / 1000)

/** OpenAI has no word for an end of another kind. */
const reasonOf = (reason: FinishReason, called: boolean): string =>
  called && reason !== 'length' ? 'tool_calls' : reason === 'other' ? 'stop' : reason

/** Chunks as OpenAI streams them. All that stays the same is made once: a piece of text costs its own JSON and no more. */
export function chatWriter(answering: Answering, body: Fields): AnswerWriter {
  const withUsage = isFields(body.stream_options) && body.stream_options.include_usage === true
  const same = `data: {"id":${JSON.stringify(idOf(answering))},"object":"chat.completion.chunk","created":${secondsOf(answering)},"model":${JSON.stringify(answering.model)},"choices":[`
  const open = `${same}{"index":0,"delta":{`
  const rest = withUsage ? '"usage":null}\n\n' : ''
  const last = `,"finish_reason":null}]${withUsage ? `,${rest}` : '}\n\n'}`
  const close = `},"logprobs":null${last}`
  const calling = `${open}"tool_calls":[`
  let called = false

  const closeWith = (logprobs: readonly Logprob[]): string => `},"logprobs":${JSON.stringify(logprobsBody(logprobs))}${last}`
  const finish = (reason: FinishReason): string =>
    `${open}},"logprobs":null,"finish_reason":"${reasonOf(reason, called)}"}]${withUsage ? `,${rest}` : '}\n\n'}`
  const counted = (usage: Usage | undefined): string =>
    withUsage && usage ? `${same}],"usage":${JSON.stringify(usageBody(usage))}}\n\n` : ''

  return {
    write(part: ChatPart): string {
      switch (part.type) {
        case 'delta':
          return `${open}"content":${JSON.stringify(part.text)}${part.logprobs ? closeWith(part.logprobs) : close}`
        case 'reasoning':
          return `${open}"reasoning_content":${JSON.stringify(part.text)}${part.logprobs ? closeWith(part.logprobs) : close}`
        case 'tool_arguments':
          return `${calling}{"index":${part.index},"function":{"arguments":${JSON.stringify(part.text)}}}]${close}`
        case 'tool_call':
          called = true
          return `${calling}{"index":${part.index},"id":${JSON.stringify(part.id)},"type":"function","function":{"name":${JSON.stringify(part.name)},"arguments":""}}]${close}`
        case 'start':
          return `${open}"role":"assistant","content":""${close}`
        case 'end':
          return `${finish(part.finishReason)}${counted(part.usage)}data: [DONE]\n\n`
      }
    },
  }
}

export function wholeChat(answering: Answering, _body: Fields, answer: NeutralAnswer): unknown {
  const { text, reasoning, toolCalls, logprobs, finishReason, usage } = answer
  const called = toolCalls.length > 0
  const message = {
    role: 'assistant',
    content: called && text === '' ? null : text,
    refusal: null,
    ...(reasoning !== '' && { reasoning_content: reasoning }),
    ...(called && {
      tool_calls: toolCalls.map(({ id, name, arguments: written }) => ({ id, type: 'function', function: { name, arguments: written } })),
    }),
  }
  return {
    id: idOf(answering),
    object: 'chat.completion',
    created: secondsOf(answering),
    model: answering.model,
    choices: [{ index: 0, message, logprobs: logprobs ? logprobsBody(logprobs) : null, finish_reason: reasonOf(finishReason, called) }],
    ...(usage && { usage: usageBody(usage) }),
  }
}
