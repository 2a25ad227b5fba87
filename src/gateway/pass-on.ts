/**
 * An answer of an engine that speaks the client's dialect, handed on byte by byte. Nothing is parsed but the first piece of a
 * stream (who answers?) and the last bytes (did it end as it should, how many tokens?). A client that does not read stops the
 * engine; one that leaves ends its work.
 */
import { STATUS_CODES } from 'node:http'
import type { Dispatcher } from 'undici'
import { abortReason, ModelyardError, type Usage } from '../contract/index.ts'
import { engineFailure } from '../platform/engine-failure.ts'
import type { EngineRelay, RelayRequest } from '../platform/engine-relay.ts'
import { type GatheredBytes, gatherBytes } from '../platform/gathered-bytes.ts'
import { diedUnheard } from '../platform/reused-connection.ts'
import { engineError, isFields } from '../providers/openai-chat/index.ts'
import { parsedJson } from '../util/json/parsed-json.ts'
import { begin, type Call, fail, otherAnswered } from './call.ts'
import { createTail, endsAsJson, endsWell, endsWhole, errorIn, marksWithin, usageIn } from './end-marks.ts'
import { cutWhenStalled } from './stalled.ts'

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

interface Refusal {
  readonly status: number
  readonly words: GatheredBytes
}

const maxErrorBytes = 256 * 1024
/** So far into the first piece of a stream it is looked for who gave it. A whole answer may say it anywhere: there it is not. */
const firstBytes = 4096
/** An error where an answer was to begin, in a 200: an event, a line, or all there is. */
const errorAtBegin = /^\s*(?:event: ?error\r?\n)?(?:(?:data|error): ?)?\{\s*"(?:error" ?: ?(?!null)|type" ?: ?"error")/
/** What an answer may be; a browser shows nothing of these. */
const passedTypes = /^(?:application\/(?:x-ndjson|json)|text\/event-stream)(?:\s*;[\x20-\x7e]{0,100})?$/i
/** LM Studio answers so, with 200, what it does not have. */
const noRoute = /^Unexpected endpoint or method\b/
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
  const tail = createTail({ marks: marksWithin(call.path), lines: dialect.name === 'ollama' })
  let connection: Dispatcher.DispatchController | undefined
  let refusal: Refusal | undefined
  let type = ''
  let length: string | undefined
  let begun = false
  /** The first piece of an answer that is not streamed: while there is no more, what goes wrong is still an error with a status. */
  let held: Buffer | undefined
  let over = false

  const goOn = (): void => connection?.resume()
  const leave = (): void => connection?.abort(abortReason(signal))
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
  const protocol = (what: string): ModelyardError => new ModelyardError('provider_protocol', `${label}: ${what}`, { retryable: true })

  const first = (piece: Buffer): void => {
    const said = call.streams ? answerer.exec(piece.toString('utf8', 0, firstBytes))?.[1] : undefined
    if (said !== undefined && !isAnswerer(said)) return giveUp(otherAnswered(label, said, model))
    begun = true
    onFirstByte()
    begin(call, type, length)
    if (held) response.write(held)
    held = undefined
  }

  /** The first piece of a whole answer waits for the next, or for the end: until then a failure is still an answer with a status. */
  const hold = (piece: Buffer): void => {
    onFirstByte()
    tail.add(piece)
    held = piece
  }

  return {
    onRequestStart(controller) {
      connection = controller
      if (signal.aborted) return leave()
      signal.addEventListener('abort', leave, { once: true })
      response.on('drain', goOn)
    },
    onResponseStart(_, status, headers) {
      if (status < 200) return
      const said = oneOf(headers['content-type']) ?? ''
      type = passedTypes.test(said) ? said : call.streams ? dialect.streamType : 'application/json'
      if (status >= 300 && status < 400) return giveUp(protocol(`answered with a redirect (${status}), which is never followed.`))
      if ((oneOf(headers['content-encoding']) ?? 'identity') !== 'identity') return giveUp(protocol('its answer is compressed, unasked.'))
      if (status >= 400) refusal = refusalOf(status)
      else if (/\bhtml\b/i.test(said)) giveUp(protocol('a web page came instead of an answer.'))
      length = call.streams ? undefined : oneOf(headers['content-length'])
    },
    onResponseData(controller, piece) {
      if (over) return
      if (!begun && !held && !refusal && errorAtBegin.test(piece.toString('latin1', 0, firstBytes))) refusal = refusalOf(500)
      if (refusal) return gather(refusal, piece)
      if (!begun && !held && !call.streams) return hold(piece)
      if (!begun) first(piece)
      if (over) return
      tail.add(piece)
      if (response.write(piece)) return
      controller.pause()
      cutWhenStalled(call)
    },
    onResponseEnd() {
      if (refusal) return broken(refused(refusal.status, refusal.words.take().toString('utf8')))
      const end = tail.text()
      if (!begun && !held) return broken(protocol('answered with nothing.'))
      if (!call.streams && !endsAsJson(end)) return broken(protocol('its answer was cut off.'))
      const well = tail.marked ? endsWhole(dialect.streamType, end) : endsWell(dialect.name, end)
      const words = call.streams && !well ? errorIn(end) : ''
      if (words === undefined) return broken(protocol('its answer was cut off; the end mark did not come.'))
      finish(() => {
        begin(call, type, length)
        response.end(held)
        resolve({ usage: usageIn(end), ...(words !== '' && { error: refused(500, words) }) })
      })
    },
    onResponseError(_, error) {
      if (!begun && !held && diedUnheard(error) && !signal.aborted) return finish(() => reject(new DiedUnheard()))
      broken(engineFailure(error, label, signal, { begun: begun || held !== undefined || refusal !== undefined }))
    },
  }

  function gather({ words }: Refusal, piece: Buffer): void {
    try {
      words.add(piece)
    } catch (error) {
      giveUp(ModelyardError.from(error))
    }
  }

  function refusalOf(status: number): Refusal {
    return { status, words: gatherBytes(maxErrorBytes, () => protocol(`HTTP ${status} with too many words.`)) }
  }

  function refused(status: number, text: string): ModelyardError {
    const body = objectIn(text)
    const lacks = isFields(body) && typeof body.error === 'string' && noRoute.test(body.error)
    const said = { status: lacks ? 404 : status, body, text: text === '' ? (STATUS_CODES[status] ?? '') : text }
    const error = engineError(said, { label, model })
    // What it does not take is what the client wrote.
    const ours = error.code === 'provider_error' && (status === 400 || status === 422)
    return ours ? new ModelyardError('invalid_request', error.message, { details: error.details }) : error
  }
}

const oneOf = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value)

/** The object, also of an event or a line. */
const objectIn = (text: string): unknown => parsedJson(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1))
