import {
  type FinishReason,
  type Gathering,
  gatherParts,
  type Logprob,
  ModelyardError,
  type ToolCall,
  type Usage,
} from '../../contract/index.ts'
import type { ChatPart } from '../../providers/provider.ts'
import type { Answering, AnswerWriter, NeutralAnswer } from '../dialect.ts'
import { isFields } from '../fields.ts'
import { instantOf, instantsOf, nanoseconds } from './instant.ts'

/** Where a route has the text of an answer and what was thought before it. */
export interface AnswerShape {
  /** JSON of the members with this text, and of those with this thought; the text comes as JSON. */
  text(json: string): string
  thinking(json: string): string
  /** The members of a whole answer. */
  whole(text: string, thinking: string, toolCalls: readonly object[]): object
}

export const chatShape: AnswerShape = {
  text: (json) => `"message":{"role":"assistant","content":${json}}`,
  thinking: (json) => `"message":{"role":"assistant","content":"","thinking":${json}}`,
  whole: (content, thinking, toolCalls) => ({
    message: {
      role: 'assistant',
      content,
      ...(thinking !== '' && { thinking }),
      ...(toolCalls.length > 0 && { tool_calls: toolCalls }),
    },
  }),
}

export const generateShape: AnswerShape = {
  text: (json) => `"response":${json}`,
  thinking: (json) => `"response":"","thinking":${json}`,
  whole: (response, thinking) => ({ response, ...(thinking !== '' && { thinking }) }),
}

/**
 * A line for each piece. Calls of tools are gathered, because Ollama has their arguments as one object, and stand in a line of
 * their own before the last. `write` throws `provider_error` when a model wrote arguments that are none.
 */
export function answerWriter(shape: AnswerShape, answering: Answering): AnswerWriter {
  const model = `{"model":${JSON.stringify(answering.model)},"created_at":"`
  const instant = instantsOf(answering)
  const calls = gatherParts()
  const begun = answering.clock()
  let first: number | undefined
  const line = (members: string): string => `${model}${instant()}",${members},"done":false}\n`

  const piece = (part: ChatPart): string => {
    first ??= answering.clock()
    if (part.type === 'delta') return line(shape.text(JSON.stringify(part.text)) + memberOf(part.logprobs))
    if (part.type === 'reasoning') return line(shape.thinking(JSON.stringify(part.text)) + memberOf(part.logprobs))
    if (part.type === 'tool_call' || part.type === 'tool_arguments') calls.add(part)
    return ''
  }
  return {
    write(part) {
      if (part.type === 'start') return ''
      if (part.type !== 'end') return piece(part)
      const times = { begun, first: first ?? answering.clock(), now: answering.clock() }
      const last = { ...counts(part.usage), ...durations(times) }
      return `${callLine(shape, calledIn(calls, part.finishReason), line)}${model}${instant()}",${shape.text('""')},${ending(part.finishReason)},${members(last)}}\n`
    },
  }
}

const callLine = (shape: AnswerShape, calls: readonly object[], line: (members: string) => string): string =>
  calls.length === 0 ? '' : line(members(shape.whole('', '', calls)))

/** Beside the message or the text, where tokens have probabilities. */
const memberOf = (logprobs: readonly Logprob[] | undefined): string =>
  logprobs === undefined ? '' : `,"logprobs":${JSON.stringify(logprobsBody(logprobs))}`
const logprobsBody = (logprobs: readonly Logprob[]): object[] =>
  logprobs.map(({ top, ...token }) => ({ ...token, ...(top.length > 0 && { top_logprobs: top }) }))

const members = (fields: object): string => JSON.stringify(fields).slice(1, -1)
/** A call of a tool is an ordinary end to Ollama. */
const doneReason = (reason: FinishReason): 'length' | 'stop' => (reason === 'length' ? 'length' : 'stop')
const ending = (reason: FinishReason): string => `"done":true,"done_reason":"${doneReason(reason)}"`

const counts = (usage: Usage | undefined): object => ({
  ...(usage?.promptTokens !== undefined && { prompt_eval_count: usage.promptTokens }),
  ...(usage?.completionTokens !== undefined && { eval_count: usage.completionTokens }),
})

/** As a client sees them: until the first piece it is the prompt's time, after it the answer's. */
const durations = ({ begun, first, now }: { begun: number; first: number; now: number }): object => ({
  total_duration: nanoseconds(now - begun),
  load_duration: 0,
  prompt_eval_duration: nanoseconds(first - begun),
  eval_duration: nanoseconds(now - first),
})

/** Throws `provider_error` for calls as the writer does. Durations in nanoseconds. */
export function wholeAnswerBody(shape: AnswerShape, answering: Answering, answer: NeutralAnswer): unknown {
  const { text, reasoning, toolCalls, logprobs, finishReason, usage } = answer
  return {
    model: answering.model,
    created_at: instantOf(answering),
    ...shape.whole(text, reasoning, callBodies(toolCalls, finishReason)),
    ...(logprobs && { logprobs: logprobsBody(logprobs) }),
    done: true,
    done_reason: doneReason(finishReason),
    total_duration: nanoseconds(answering.clock()),
    ...counts(usage),
  }
}

const calledIn = (gathering: Gathering, finishReason: FinishReason): object[] => callBodies(gathering.toolCalls(), finishReason)

/** A call inside which an answer reached its limit was not made. */
function callBodies(calls: readonly ToolCall[], finishReason: FinishReason): object[] {
  return calls.flatMap(({ id, name, arguments: written }, index) => {
    const made = argumentsOf(written)
    if (made) return [{ id, function: { index, name, arguments: made } }]
    if (finishReason === 'length') return []
    throw new ModelyardError('provider_error', `The model called ${JSON.stringify(name)} with arguments that are no JSON object.`)
  })
}

/** Undefined for what is no object, or no JSON. */
function argumentsOf(written: string): object | undefined {
  if (written === '') return {}
  try {
    const value: unknown = JSON.parse(written)
    return isFields(value) ? value : undefined
  } catch {
    return undefined
  }
}
