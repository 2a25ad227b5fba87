/**
 * An answer of an engine that speaks the client's dialect, handed on byte by byte. Nothing is parsed but the first piece
 * (who answers?) and the last (did it end as it should?). A client that does not read stops the engine; one that leaves
 * ends its work.
 */
import { STATUS_CODES } from 'node:http'
import type { Dispatcher } from 'undici'
import { ModelyardError, type Usage } from '../contract/index.ts'
import { engineFailure } from '../platform/engine-failure.ts'
import type { EngineRelay, RelayRequest } from '../platform/engine-relay.ts'
import { gatherBytes } from '../platform/gathered-bytes.ts'
import { diedUnheard } from '../platform/reused-connection.ts'
import { engineError } from '../providers/openai-chat/index.ts'
import { begin, type Call, fail } from './call.ts'
import { createLastEvent, createTail, endsInError, endsWell, endsWhole, usageIn } from './end-marks.ts'

export interface Passing {
  readonly call: Call
  readonly relay: EngineRelay
  readonly request: RelayRequest
  readonly fresh: boolean
  /** How the engine is called in errors. */
  readonly label: string
  readonly model: string
  /** Is this the model that was asked, by the engine's own word for it? */
  readonly isAnswerer: (said: string) => boolean
  readonly onFirstByte: () => void
}

export interface Passed {
  readonly usage: Usage
  /** It has failed after it began; its client was told. */
  readonly error?: ModelyardError
}

/** Nothing was written to the client, and the kept connection had died before an answer: once more, over a new one. */
export class DiedUnheard extends Error {}

const maxErrorBytes = 256 * 1024
/** Where a whole answer says late who gave it, it is not looked for. */
const firstBytes = 4096
/** An error under 200, as LM Studio answers what it does not know. */
const errorFirst = /^\s*\{\s*"error"\s*:\s*(?!null\b)/
const answerer = /"model" ?: ?"((?:[^"\\]|\\.){1,512})"/

/** Rejects while nothing has been written to the client: with `DiedUnheard`, or in our words. */
export function passOn(passing: Passing): Promise<Passed> {
  return new Promise((resolve, reject) => {
    passing.relay.send(passing.request, createHandler(passing, resolve, reject), passing.fresh)
  })
}

function createHandler(
  { call, label, model, isAnswerer, onFirstByte }: Passing,
  resolve: (passed: Passed) => void,
  reject: (error: Error) => void,
): Dispatcher.DispatchHandler {
  const { response, signal, dialect } = call
  const tail = createTail()
  const last = call.path === '/v1/responses' ? createLastEvent() : undefined
  let connection: Dispatcher.DispatchController | undefined
  let answered = 0
  /** What the engine says instead of an answer. */
  let refusal: ReturnType<typeof gatherBytes> | undefined
  let type = ''
  let length: string | undefined
  let begun = false
  let over = false

  const goOn = (): void => connection?.resume()
  const leave = (): void => connection?.abort(new ModelyardError('cancelled'))
  const finish = (settle: () => void): void => {
    if (over) return
    over = true
    signal.removeEventListener('abort', leave)
    response.off('drain', goOn)
    settle()
  }
  /** The client is told here when it has heard something already, else by whoever asked us to pass on. */
  const broken = (error: ModelyardError): void =>
    finish(() => {
      if (!begun && !(call.streams && response.headersSent)) return reject(error)
      const written = tail.text()
      call.breaksOff = written !== '' && !endsWhole(dialect.streamType, written)
      fail(call, error)
      resolve({ usage: usageIn(written), error })
    })
  const giveUp = (error: ModelyardError): void => {
    broken(error)
    connection?.abort(error)
  }
  const refuse = (): void => {
    refusal = gatherBytes(maxErrorBytes, () => protocol(`HTTP ${answered} with too many words.`))
  }
  const protocol = (what: string): ModelyardError => new ModelyardError('provider_protocol', `${label}: ${what}`, { retryable: true })

  const first = (piece: Buffer): void => {
    const said = call.streams ? answerer.exec(piece.toString('utf8', 0, firstBytes))?.[1] : undefined
    if (said !== undefined && !isAnswerer(said)) return giveUp(protocol(`"${said.slice(0, 100)}" answered where "${model}" was asked.`))
    begun = true
    onFirstByte()
    begin(call, type, length)
  }

  return {
    onRequestStart(controller) {
      connection = controller
      if (signal.aborted) return leave()
      signal.addEventListener('abort', leave, { once: true })
      response.on('drain', goOn)
    },
    onResponseStart(_, status, headers) {
      type = oneOf(headers['content-type']) ?? 'application/json'
      if (status < 200) return
      if (status >= 300 && status < 400) return giveUp(protocol(`answered with a redirect (${status}), which is never followed.`))
      if ((oneOf(headers['content-encoding']) ?? 'identity') !== 'identity') return giveUp(protocol('its answer is compressed, unasked.'))
      answered = status
      if (status >= 400 || (call.streams && dialect.streamType === 'text/event-stream' && /\bjson\b/i.test(type))) refuse()
      else if (/\bhtml\b/i.test(type)) giveUp(protocol('a web page came instead of an answer.'))
      length = call.streams ? undefined : oneOf(headers['content-length'])
    },
    onResponseData(controller, piece) {
      if (over) return
      if (!begun && !refusal && errorFirst.test(piece.toString('latin1', 0, firstBytes))) refuse()
      if (refusal) {
        try {
          refusal.add(piece)
        } catch (error) {
          giveUp(ModelyardError.from(error))
        }
        return
      }
      if (!begun) first(piece)
      if (over) return
      tail.add(piece)
      last?.add(piece)
      if (!response.write(piece)) controller.pause()
    },
    onResponseEnd() {
      if (refusal) return broken(refused(answered, refusal.take().toString('utf8')))
      const end = tail.text()
      if (!begun) return broken(protocol('answered with nothing.'))
      const well = last ? last.came && endsWhole(dialect.streamType, end) : endsWell(dialect.name, end)
      if (call.streams && !well && !endsInError(end)) return broken(protocol('its answer was cut off; the end mark did not come.'))
      finish(() => {
        response.end()
        resolve({ usage: usageIn(end) })
      })
    },
    onResponseError(_, error) {
      if (!begun && diedUnheard(error) && !signal.aborted) return finish(() => reject(new DiedUnheard()))
      broken(engineFailure(error, label, signal, { begun: begun || refusal !== undefined }))
    },
  }

  function refused(status: number, text: string): ModelyardError {
    const failure = { status: unknownAddress.test(text) ? 404 : status, body: parsed(text), text: text || (STATUS_CODES[status] ?? '') }
    const error = engineError(failure, { label, model })
    if (error.code !== 'provider_error' || !byItsClient.has(failure.status)) return error
    return new ModelyardError('invalid_request', error.message, {
      details: error.details,
      hint: 'Correct the request; the words are its own.',
    })
  }
}

/** What LM Studio says of an address that it does not have, under 200. */
const unknownAddress = /"Unexpected endpoint or method\b/
/** Statuses by which an engine says that the request, which is its client's, is at fault. */
const byItsClient: ReadonlySet<number> = new Set([400, 413, 415, 422])

const oneOf = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value)

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
