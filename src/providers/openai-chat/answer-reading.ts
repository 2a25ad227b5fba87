import { type FinishReason, ModelyardError, type Usage } from '../../contract/index.ts'
import { probableParts } from '../probable-parts.ts'
import type { ChatPart } from '../provider.ts'
import { createCallReading } from './call-reading.ts'
import { errorOf, type FailureContext, streamError } from './engine-error.ts'
import type { EngineEvent } from './event-reader.ts'
import { parseChunk, readChunk } from './read-chunk.ts'

/** One answer as it comes in. */
export interface AnswerReading {
  /** The parts that an event adds. Throws an error that came inside the stream. */
  take(event: EngineEvent): ChatPart[]
  /** The end mark was seen: nothing more belongs to this answer. */
  readonly done: boolean
  /** The last parts. Throws `provider_protocol` when the answer has no end. */
  end(): ChatPart[]
}

const doneMark = '[DONE]'

export interface Expected {
  /** From the engine's name of the answering model to ours; undefined where its word is worth nothing. */
  readonly nameOf: (engineName: string) => string | undefined
  /** Alternatives to each token that were asked for; absent: no probability was. */
  readonly logprobs?: number | undefined
}

export function createAnswerReading(failure: FailureContext, { nameOf, logprobs }: Expected): AnswerReading {
  let started = false
  let done = false
  let engineName: string | undefined
  let model: string | undefined
  let finishReason: FinishReason | undefined
  let usage: Usage | undefined
  const calls = createCallReading(failure.label)

  return {
    take({ data, error }) {
      if (data === doneMark) {
        done = true
        return []
      }
      if (error) throw streamError(insideError(data), failure)
      const chunk = parseChunk(data)
      if (errorOf(chunk) !== undefined) throw streamError(chunk.error, failure)
      const read = readChunk(chunk, logprobs)
      if (read.model !== undefined && read.model !== engineName) {
        engineName = read.model
        model = nameOf(engineName)
      }
      finishReason = read.finishReason ?? finishReason
      usage = read.usage ?? usage
      const parts: ChatPart[] = []
      if (!started) parts.push({ type: 'start', model })
      started = true
      if (read.logprobs) parts.push(...probableParts({ ...read, logprobs: read.logprobs }))
      else {
        if (read.reasoning !== undefined) parts.push({ type: 'reasoning', text: read.reasoning })
        if (read.text !== undefined) parts.push({ type: 'delta', text: read.text })
      }
      for (const fragment of read.calls ?? []) parts.push(...calls.take(fragment))
      return parts
    },
    get done() {
      return done
    },
    end() {
      if (!started || (finishReason === undefined && !done)) {
        throw new ModelyardError('provider_protocol', `${failure.label}: the answer was cut off; its end mark did not come.`)
      }
      // Some engines say that an answer with calls just stopped.
      const reason = calls.count > 0 && finishReason === 'stop' ? 'tool_calls' : (finishReason ?? 'other')
      return [...calls.end(), { type: 'end', finishReason: reason, usage, model }]
    },
  }
}

/** The data of an error event: the error itself, or an object that has it as `error`; else its text. */
function insideError(data: string): unknown {
  try {
    const value: unknown = JSON.parse(data)
    return errorOf(value) ?? value
  } catch {
    return data
  }
}
