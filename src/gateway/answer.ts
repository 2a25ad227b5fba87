/** What each route does with a request: reads it, finds who answers, and has it answered. */
import { ModelyardError } from '../contract/index.ts'
import { anthropicModel, anthropicModels } from './anthropic/index.ts'
import { type Call, sendJson } from './call.ts'
import { chatAnswer, handOn } from './chat-answer.ts'
import { embedAnswer } from './embed-answer.ts'
import type { ListedChoice } from './list-entry.ts'
import { listedChoice, listedChoices } from './listed.ts'
import { ollamaPs, ollamaShow, ollamaTags } from './ollama/index.ts'
import { openaiModel, openaiModels } from './openai/index.ts'
import { type Body, readBody } from './read-body.ts'
import type { Route } from './routes.ts'
import { askedModel, type Workshop, withAdmitted } from './workshop.ts'

/** The level of Ollama's API that we speak. */
const ollamaVersion = '0.32.15'

export async function answer(shop: Workshop, route: Route, call: Call): Promise<void> {
  const { deed } = route
  const { yard, limits } = shop
  switch (deed.does) {
    case 'chat':
      return chatAnswer(shop, deed, call, await readBody(call.request, limits.chatBytes))
    case 'hand-on':
      return handOn(shop, call, await readBody(call.request, limits.chatBytes))
    case 'embed':
      return embedAnswer(shop, deed.embed, call, await readBody(call.request, limits.chatBytes))
    case 'count':
      return countAnswer(shop, deed.count, call, await readBody(call.request, limits.chatBytes))
    case 'show':
      return sendJson(call, 200, ollamaShow(await listedChoice(yard, nameIn(await readBody(call.request, limits.otherBytes)), call.signal)))
    case 'models':
      return sendJson(call, 200, modelsIn(call, await listedChoices(shop, call.signal)))
    case 'model':
      return sendJson(call, 200, modelIn(call, await listedChoice(yard, nameOfPath(call.path), call.signal)))
    case 'tags':
      return sendJson(call, 200, ollamaTags(await listedChoices(shop, call.signal)))
    case 'ps':
      return sendJson(call, 200, ollamaPs((await listedChoices(shop, call.signal)).filter(({ slot }) => slot === undefined)))
    case 'version':
      return sendJson(call, 200, { version: ollamaVersion })
    case 'greet':
      return greet(call)
    case 'refuse':
      throw new ModelyardError('unsupported_operation', `${call.path} is not answered here: models come and go by Modelyard.`, {
        hint: deed.command,
      })
  }
}

/** Throws what reading, admission and the engine throw. */
async function countAnswer(shop: Workshop, count: Counting, call: Call, body: Body): Promise<void> {
  const chat = count.parse(await body.value())
  await withAdmitted(shop, call, { model: askedModel(body), chatOnly: true }, async (admitted) => {
    const { provider, name, load } = admitted
    if (!provider.countTokens)
      throw new ModelyardError('unsupported_operation', `The engine "${provider.id}" cannot count tokens without generating.`, {
        hint: 'Send the request itself: its answer says how many there were.',
      })
    const onRetry = (reason: string): void => shop.yard.admission.retried(admitted, reason)
    const tokens = await provider.countTokens({ ...chat, model: name, load }, { signal: call.signal, onRetry })
    sendJson(call, 200, count.whole(tokens))
    return { usage: { promptTokens: tokens } }
  })
}

type Counting = Extract<Route['deed'], { does: 'count' }>['count']

/** Ollama's clients write `model`, older ones `name`; its own command both, and leaves `model` empty. */
function nameIn(body: Body): string {
  const named = [body.member('model'), body.member('name')].find((one) => one !== undefined && one !== null && one !== '') ?? ''
  if (typeof named === 'string') return named
  throw new ModelyardError('invalid_request', 'Expected a text as "model".', { details: { field: 'model' } })
}

function nameOfPath(path: string): string {
  try {
    return decodeURIComponent(path.slice('/v1/models/'.length))
  } catch {
    throw new ModelyardError('invalid_request', 'The name of the model is not encoded as an address has it.')
  }
}

const isAnthropic = ({ dialect }: Call): boolean => dialect.name === 'anthropic'
const modelsIn = (call: Call, choices: readonly ListedChoice[]): unknown =>
  isAnthropic(call) ? anthropicModels(choices) : openaiModels(choices)
const modelIn = (call: Call, choice: ListedChoice): unknown => (isAnthropic(call) ? anthropicModel(choice) : openaiModel(choice))

/** What Ollama's own command asks first. */
function greet({ response }: Call): void {
  const text = 'Ollama is running'
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'content-length': text.length })
  response.end(text)
}
