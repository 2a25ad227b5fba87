/** A chat: handed on where the engine speaks the client's dialect, else through the neutral form; once more where that helps. */
import { type ErrorCode, ModelyardError } from '../contract/index.ts'
import type { Admitted } from '../yard/admit.ts'
import type { RunningRequest } from '../yard/usage.ts'
import { type Call, sendJson } from './call.ts'
import type { AskedChat, Fields } from './dialect.ts'
import type { EngineDoor, EngineDoors } from './engine-doors.ts'
import { checkHandedOn } from './handed-on.ts'
import { asksToLoad, loadedAnswer, type OllamaRoute } from './ollama/index.ts'
import { DiedUnheard, type Passed, passOn } from './pass-on.ts'
import type { Body } from './read-body.ts'
import type { Deed } from './routes.ts'
import { translate } from './translate.ts'
import { answering, askedModel, type Ended, type Workshop, withAdmitted } from './workshop.ts'

type ChatDeed = Extract<Deed, { does: 'chat' }>

/** Throws what was not told to the client yet: of the admission, the body, the engine. What went wrong later it has heard already. */
export async function chatAnswer(shop: Workshop, deed: ChatDeed, call: Call, body: Body): Promise<void> {
  call.streams = streams(body, deed.streamsUnasked)
  await withAdmitted(shop, call, { model: askedModel(body), chatOnly: true }, (admitted, running) =>
    onceMore(shop, call, admitted, (sending) => attempt(shop, deed, { call, admitted, running, body, ...sending })),
  )
}

/** To an engine that has this route, as it is; refused in words (`unsupported_operation`) elsewhere. Throws as `chatAnswer` does. */
export async function handOn(shop: Workshop, call: Call, body: Body): Promise<void> {
  call.streams = streams(body, false)
  await withAdmitted(shop, call, { model: askedModel(body), chatOnly: true }, (admitted, running) =>
    onceMore(shop, call, admitted, async (sending) => {
      const passed = await through(shop.doors, { call, admitted, running, body, ...sending })
      if (!passed) throw hasNot(admitted, call)
      return passed
    }),
  )
}

const hasNot = ({ provider, ref }: Admitted, { path }: Call): ModelyardError =>
  new ModelyardError('unsupported_operation', `${ref}: the engine "${provider.id}" has no ${path}, or not with the model's load options.`, {
    hint: 'Use /v1/chat/completions, which every model answers.',
  })

/** One of at most two ways of one request to its engine. */
export interface Sending {
  /** Over a new connection. */
  readonly fresh: boolean
  /** Told by who sends it once more himself: that was the second. */
  readonly onRetry: (reason: string) => void
}

interface Attempt extends Sending {
  readonly call: Call
  readonly admitted: Admitted
  readonly running: RunningRequest
  readonly body: Body
}

/** Rejects while nothing was written to the client. */
async function attempt({ yard, doors, limits }: Workshop, deed: ChatDeed, one: Attempt): Promise<Ended> {
  const { call, admitted, body, fresh, onRetry } = one
  if (deed.loads !== undefined && asksToLoad(deed.loads, shortMembers(body)) === 'unload') throw staysLoaded(admitted)
  const passed = await through(doors, one)
  if (passed) return passed
  const value = await body.value()
  if (deed.loads !== undefined && asksToLoad(deed.loads, value) !== undefined) return loadOnly(yard, deed.loads, one)
  const asked: AskedChat = deed.chat.parse(value)
  return translate({
    call,
    admitted,
    chatDialect: deed.chat,
    asked,
    body: value,
    answering: answering(admitted),
    isAnswerer: answererOf(admitted),
    asking: { retry: !fresh, onRetry, silence: limits },
    onFirstByte: one.running.firstToken,
  })
}

/** Of a prompt that is no empty one its kind will do. */
const shortBytes = 64

function shortMembers({ members, member }: Body): Fields {
  return Object.fromEntries(
    [...members].map(([name, { start, end }]) => [name, end - start <= shortBytes ? member(name) : { long: end - start }]),
  )
}

/** Whom a client unloads may serve somebody else. */
const staysLoaded = ({ ref }: Admitted): ModelyardError =>
  new ModelyardError('unsupported_operation', `${ref} is not unloaded by a client of the gateway.`, { hint: `modelyard unload ${ref}` })

/** Without a prompt Ollama's clients mean to load. */
async function loadOnly(yard: Workshop['yard'], route: OllamaRoute, { call, admitted }: Attempt): Promise<Ended> {
  if (admitted.slot === undefined) await yard.models.load(admitted.ref, undefined, { signal: call.signal })
  sendJson(call, 200, loadedAnswer(route, answering(admitted), 'load'))
  return { usage: {} }
}

/** Undefined where the engine does not have this route. Rejects with `invalid_request` for what no engine should get. */
export async function through(doors: EngineDoors, one: Attempt): Promise<Passed | undefined> {
  const { call, admitted, body } = one
  const door = doors.of(admitted, call.dialect.name, call.path, body)
  if (!door) return undefined
  checkHandedOn(body, call.path)
  try {
    return await passedOn(door, one)
  } catch (error) {
    if (!lacksRoute(error)) throw error
    doors.lacks(admitted, call.path)
    return undefined
  }
}

function passedOn(door: EngineDoor, { call, admitted, running, fresh }: Attempt): Promise<Passed> {
  const { provider, name } = admitted
  return passOn({
    call,
    relay: door.relay,
    request: door,
    fresh,
    label: provider.id,
    model: name,
    isAnswerer: answererOf(admitted),
    onFirstByte: running.firstToken,
  })
}

/** Where an engine's word for who answers is worth something. */
function answererOf({ provider, name }: Admitted): (said: string) => boolean {
  if (!provider.capabilities.namesAnsweringModel) return () => true
  const idOf = provider.dialects()[0]?.idOf
  return (said) => said === name || said === idOf?.(name) || provider.sameModel(said, name)
}

/** An older engine that does not have the route of this dialect. */
const lacksRoute = (error: unknown): boolean =>
  ModelyardError.is(error) && [404, 405, 501].includes(Number(error.details?.status)) && error.code !== 'model_not_found'

/** What a model that its engine lost, or an engine that starts again, answers. */
const lost: readonly ErrorCode[] = ['provider_unreachable', 'provider_stopped', 'provider_busy', 'model_not_found']

/** Before the first byte, keep-alive lines included, a request may be sent once more: over a new connection, where needed after loading again. */
export async function onceMore(
  { yard }: Workshop,
  call: Call,
  admitted: Admitted,
  work: (sending: Sending) => Promise<Ended>,
): Promise<Ended> {
  let sentAgain = false
  const onRetry = (reason: string): void => {
    sentAgain = true
    yard.admission.retried(admitted, reason)
  }
  try {
    return await work({ fresh: false, onRetry })
  } catch (error) {
    if (sentAgain || call.signal.aborted || call.response.headersSent) throw error
    if (error instanceof DiedUnheard) {
      onRetry('the connection had been closed by the engine')
      return again(work, onRetry)
    }
    if (!ModelyardError.is(error) || !lost.includes(error.code)) throw error
    const loaded = await yard.admission.revive(admitted, call.signal).then(
      () => true,
      () => false,
    )
    if (!loaded) throw error
    onRetry(`the model was loaded again: ${error.message}`)
    return again(work, onRetry)
  }
}

async function again(work: (sending: Sending) => Promise<Ended>, onRetry: Sending['onRetry']): Promise<Ended> {
  try {
    return await work({ fresh: true, onRetry })
  } catch (error) {
    if (!(error instanceof DiedUnheard)) throw error
    throw new ModelyardError('provider_unreachable', 'The engine closed the connection twice without an answer.')
  }
}

function streams(body: Body, unasked: boolean): boolean {
  const stream = body.member('stream')
  if (stream === undefined || stream === null) return unasked
  if (typeof stream === 'boolean') return stream
  throw new ModelyardError('invalid_request', 'Expected true or false as "stream".', { details: { field: 'stream' } })
}
