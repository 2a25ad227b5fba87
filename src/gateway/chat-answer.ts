/** A chat: handed on where the engine speaks the client's dialect, else through the neutral form; once more where that helps. */
import { type ErrorCode, ModelyardError } from '../contract/index.ts'
import type { Admitted } from '../yard/admit.ts'
import type { RunningRequest } from '../yard/usage.ts'
import { type Call, sendJson } from './call.ts'
import type { AskedChat } from './dialect.ts'
import type { EngineDoor } from './engine-doors.ts'
import { asksForNoAnswer, asksToUnload, loadedAnswer, type OllamaRoute } from './ollama/index.ts'
import { DiedUnheard, type Passed, passOn } from './pass-on.ts'
import type { Body } from './read-body.ts'
import type { Deed } from './routes.ts'
import { translate } from './translate.ts'
import { answering, askedModel, type Ended, type Workshop, withAdmitted } from './workshop.ts'

type ChatDeed = Extract<Deed, { does: 'chat' }>
export async function chatAnswer(shop: Workshop, deed: ChatDeed, call: Call, body: Body): Promise<void> {
  call.streams = streams(body, deed.streamsUnasked)
  const { loads } = deed
  if (loads !== undefined && asksToUnload(loads, body.member)) return unloadAnswer(shop, loads, call, body)
  await withAdmitted(shop, call, { model: askedModel(body), chatOnly: true }, (admitted, running) =>
    onceMore(shop, call, admitted, (fresh) => attempt(shop, deed, { call, admitted, running, body, fresh })),
  )
}

/** To an engine that has this route, as it is; refused in words elsewhere. */
export async function handOn(shop: Workshop, call: Call, body: Body): Promise<void> {
  call.streams = streams(body, false)
  await withAdmitted(shop, call, { model: askedModel(body), chatOnly: true }, (admitted, running) => {
    const door = shop.doors.of(admitted, 'openai', call.path, body)
    if (!door) throw hasNot(admitted, call)
    return onceMore(shop, call, admitted, async (fresh) => {
      const handed = await unlessLacking(shop, call, admitted, () => through(door, { call, admitted, running, body, fresh }))
      if (!handed) throw hasNot(admitted, call)
      return handed
    })
  })
}

const hasNot = ({ provider, ref }: Admitted, { path }: Call): ModelyardError =>
  new ModelyardError('unsupported_operation', `${ref}: the engine "${provider.id}" has no ${path}, or not with the model's load options.`, {
    hint: 'Use /v1/chat/completions, which every model answers.',
  })

interface Attempt {
  readonly call: Call
  readonly admitted: Admitted
  readonly running: RunningRequest
  readonly body: Body
  readonly fresh: boolean
}

/** Rejects while nothing was written to the client. */
async function attempt(shop: Workshop, deed: ChatDeed, one: Attempt): Promise<Ended> {
  const { yard, doors } = shop
  const { call, admitted, body } = one
  const door = doors.of(admitted, call.dialect.name, call.path, body)
  const handed = door && (await unlessLacking(shop, call, admitted, () => through(door, one)))
  if (handed) return handed
  const value = await body.value()
  if (deed.loads !== undefined && asksForNoAnswer(deed.loads, body.member)) return loadOnly(yard, deed.loads, one)
  const asked: AskedChat = deed.chat.parse(value)
  return translate({
    call,
    admitted,
    chatDialect: deed.chat,
    asked,
    body: value,
    answering: answering(admitted),
    onRetry: (reason) => yard.admission.retried(admitted, reason),
    onFirstByte: one.running.firstToken,
  })
}

/** What serves a slot serves somebody else too, whatever name it was asked by. */
async function unloadAnswer(shop: Workshop, route: OllamaRoute, call: Call, body: Body): Promise<void> {
  await withAdmitted(shop, call, { model: askedModel(body), chatOnly: false }, async (admitted) => {
    const { slot, ref } = admitted
    const refused = (why: string): ModelyardError =>
      new ModelyardError('in_use', why, { hint: `A client of the gateway does not unload it; \`modelyard unload ${ref}\` does.` })
    if (slot !== undefined) throw refused(`${ref} serves the slot "${slot}".`)
    await shop.yard.models.unload(ref, { signal: call.signal, spareSlots: true }).catch((error: unknown) => {
      throw ModelyardError.is(error) && error.code === 'in_use' ? refused(error.message) : error
    })
    sendJson(call, 200, loadedAnswer(route, answering(admitted), 'unload'))
    return { usage: {} }
  })
}

/** Without a prompt Ollama's clients mean to load. */
async function loadOnly(yard: Workshop['yard'], route: OllamaRoute, { call, admitted }: Attempt): Promise<Ended> {
  if (admitted.slot === undefined) await yard.models.load(admitted.ref, undefined, { signal: call.signal })
  sendJson(call, 200, loadedAnswer(route, answering(admitted), 'load'))
  return { usage: {} }
}

export function through(door: EngineDoor, { call, admitted, running, fresh }: Attempt): Promise<Passed> {
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

/** Undefined where the engine turns out not to have this route, which is remembered. */
export async function unlessLacking<T>(
  { doors }: Workshop,
  call: Call,
  admitted: Admitted,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (!lacksRoute(error)) throw error
    doors.lacks(admitted, call.path)
    return undefined
  }
}

const lacksRoute = (error: unknown): boolean =>
  ModelyardError.is(error) && [404, 405, 501].includes(Number(error.details?.status)) && error.code !== 'model_not_found'

/** What a model that its engine lost, or an engine that starts again, answers. */
const lost: readonly ErrorCode[] = ['provider_unreachable', 'provider_stopped', 'provider_busy', 'model_not_found']

/** Before the first byte a request may be sent once more: over a new connection, where needed after loading again. */
export async function onceMore(
  { yard }: Workshop,
  call: Call,
  admitted: Admitted,
  work: (fresh: boolean) => Promise<Ended>,
): Promise<Ended> {
  try {
    return await work(false)
  } catch (error) {
    if (call.signal.aborted || call.response.headersSent) throw error
    if (error instanceof DiedUnheard) {
      yard.admission.retried(admitted, 'the connection had been closed by the engine')
      return again(work)
    }
    if (!ModelyardError.is(error) || !lost.includes(error.code)) throw error
    const loaded = await yard.admission.revive(admitted, call.signal).then(
      () => true,
      () => false,
    )
    if (!loaded) throw error
    yard.admission.retried(admitted, `the model was loaded again: ${error.message}`)
    return again(work)
  }
}

async function again(work: (fresh: boolean) => Promise<Ended>): Promise<Ended> {
  try {
    return await work(true)
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
