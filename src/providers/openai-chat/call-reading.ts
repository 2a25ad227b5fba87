import { ModelyardError } from '../../contract/index.ts'
import { callId, isToolName, maxCalls } from '../answered-call.ts'
import type { ChatPart } from '../provider.ts'
import type { CallFragment } from './read-chunk.ts'

/** The calls of tools in one answer, from the fragments in which engines send them. */
export interface CallReading {
  take(fragment: CallFragment): ChatPart[]
  /** Calls so far. */
  readonly count: number
  /** What is still to be said of them. Throws `provider_protocol` for a call that never got a name. */
  end(): ChatPart[]
}

interface Call {
  readonly index: number
  /** The engine's own, by which later fragments find it. */
  readonly id: string | undefined
  readonly place: number | undefined
  name: string | undefined
  /** Arguments so far. */
  written: string
}

const maxArgumentChars = 8 * 1024 * 1024

/**
 * A fragment belongs to the call of its `index`; several whole calls may share one (engines that always say 0), told
 * apart by their ids. Without an index it is the id that tells; without both a name begins another call, unless the last
 * call is not complete yet: then the name was only repeated.
 */
export function createCallReading(label: string): CallReading {
  const calls: Call[] = []
  const last = (): Call | undefined => calls.at(-1)

  const find = ({ place, id, name }: CallFragment): Call | undefined => {
    if (place !== undefined) {
      const there = calls.findLast((call) => call.place === place)
      return there && id !== undefined && there.id !== undefined && id !== there.id && name !== undefined ? undefined : there
    }
    if (id !== undefined) return calls.find((call) => call.id === id)
    return name === undefined || (last()?.name === name && !isComplete(last()?.written ?? '')) ? last() : undefined
  }
  const begin = ({ place, id }: CallFragment): Call => {
    if (calls.length === maxCalls) throw wrong(label, `more than ${maxCalls} calls of tools in one answer`)
    const call: Call = { index: calls.length, id, place, name: undefined, written: '' }
    calls.push(call)
    return call
  }

  return {
    take(fragment) {
      const call = find(fragment) ?? begin(fragment)
      const parts: ChatPart[] = []
      const waited = call.name === undefined
      if (waited && fragment.name !== undefined) {
        if (!isToolName(fragment.name)) throw wrong(label, 'a call of a tool whose name is too long')
        call.name = fragment.name
        parts.push({ type: 'tool_call', index: call.index, id: callId(call.id, call.index), name: call.name })
      }
      call.written += fragment.arguments
      if (call.written.length > maxArgumentChars) throw wrong(label, `more than ${maxArgumentChars} characters of arguments for one tool`)
      const text = waited ? call.written : fragment.arguments
      if (call.name !== undefined && text !== '') parts.push({ type: 'tool_arguments', index: call.index, text })
      return parts
    },
    get count() {
      return calls.length
    },
    end() {
      if (calls.some(({ name }) => name === undefined)) throw wrong(label, 'a call of a tool without its name')
      return calls.flatMap(({ index, written }) => (written === '' ? [{ type: 'tool_arguments' as const, index, text: '{}' }] : []))
    },
  }
}

function isComplete(written: string): boolean {
  try {
    JSON.parse(written)
    return true
  } catch {
    return false
  }
}

const wrong = (label: string, what: string): ModelyardError => new ModelyardError('provider_protocol', `${label} sent ${what}.`)
