import { ModelyardError } from '../../contract/index.ts'

/** One server-sent event. `error` is set for the forms in which engines report a failure inside a running stream. */
export interface EngineEvent {
  readonly data: string
  readonly error: boolean
}

export interface EventReader {
  /** Takes one line without its line break; an empty one completes the event, which is the answer. */
  line(line: string): EngineEvent | undefined
}

export const maxEventChars = 8 * 1024 * 1024

/**
 * Server-sent events, line by line. Besides the standard it knows what engines send: `error: {…}` as a field (older
 * llama.cpp), `event: error` (older LM Studio) and a bare `{"error":…}` line.
 */
export function createEventReader(): EventReader {
  let data: string | undefined
  let error = false

  const append = (value: string): void => {
    data = data === undefined ? value : `${data}\n${value}`
    if (data.length > maxEventChars) {
      throw new ModelyardError('provider_protocol', `Expected events of at most ${maxEventChars} characters in the stream; one is longer.`)
    }
  }
  const complete = (): EngineEvent | undefined => {
    const event = data === undefined ? undefined : { data, error }
    data = undefined
    error = false
    return event
  }
  const field = (name: string, value: string): void => {
    if (name === 'data') append(value)
    else if (name === 'error') {
      error = true
      append(value)
    } else if (name === 'event' && value === 'error') error = true
  }

  return {
    line(line) {
      if (line === '') return complete()
      // Nearly every line: taken without a search for the colon.
      if (line.startsWith('data: ')) append(line.slice(6))
      else if (line.startsWith('{"error"')) field('error', line)
      else if (!line.startsWith(':')) {
        const colon = line.indexOf(':')
        if (colon === -1) field(line, '')
        else field(line.slice(0, colon), line.slice(line.charCodeAt(colon + 1) === 32 ? colon + 2 : colon + 1))
      }
      return undefined
    },
  }
}
