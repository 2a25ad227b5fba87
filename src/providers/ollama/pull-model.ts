/** Ollama's own pull: a JSON line per piece of news, layer after layer; an error may come as a line inside a 200. */
import { ModelyardError } from '../../contract/index.ts'
import { createLineFeed } from '../../platform/lines.ts'
import { parsedJson } from '../../util/json/parsed-json.ts'
import { engineWords } from '../engine-words.ts'
import { engineError, isFields, leavable } from '../openai-chat/index.ts'
import { readText } from '../openai-chat/read-text.ts'
import type { PullProgress } from '../provider.ts'
import { listModels } from './list.ts'
import { sameName } from './names.ts'
import { label, type Ollama } from './ollama.ts'
import { count, type Fields, text } from './wire.ts'

const maxErrorBytes = 256 * 1024
/** Layers of one model; a stream that names more is none. */
const maxLayers = 10_000

export function pullModel(ollama: Ollama, name: string, signal: AbortSignal): AsyncIterableIterator<PullProgress> {
  return leavable(signal, async function* (bounded) {
    yield* pulled(ollama, { model: name }, bounded)
    await mustBeListed(ollama, name, bounded)
  })
}

/** A success is believed when the model is listed. */
async function mustBeListed(ollama: Ollama, name: string, signal: AbortSignal): Promise<void> {
  if ((await listModels(ollama, signal)).some((one) => sameName(one.name, name))) return
  throw new ModelyardError('import_failed', `${label} said that ${engineWords(name)} was pulled, but does not list it.`)
}

/** One request to `/api/pull`, until Ollama says success. */
export async function* pulled(ollama: Ollama, body: Fields, signal: AbortSignal): AsyncGenerator<PullProgress, undefined> {
  const answer = await ollama.engine.http.stream({
    method: 'POST',
    path: '/api/pull',
    body: { ...body, stream: true },
    headers: ollama.engine.auth,
    signal,
    firstByteMs: ollama.limits.pullIdleMs,
    idleMs: ollama.limits.pullIdleMs,
  })
  if (answer.status !== 200) throw await refusal(ollama, answer)
  const total = createTotal()
  for await (const line of linesOf(answer.body)) {
    const news = newsIn(line)
    yield total.take(news)
    if (news.status === 'success') return
  }
  throw new ModelyardError('provider_protocol', `${label} broke its pull off without saying how it ended.`, { retryable: true })
}

async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const feed = createLineFeed(maxErrorBytes)
  for await (const chunk of body) yield* feed.push(chunk)
  const rest = feed.end()
  if (rest !== undefined) yield rest
}

function newsIn(line: string): Fields {
  const value = parsedJson(line)
  if (!isFields(value)) throw new ModelyardError('provider_protocol', `${label}: expected JSON in each line of its pull; one is damaged.`)
  if (value.error !== undefined && value.error !== null) throw pullError(value.error)
  return value
}

/** Ollama's own words; a full disk and an unknown name are told apart by them. */
export function pullError(said: unknown): ModelyardError {
  const words = engineWords(typeof said === 'string' ? said : JSON.stringify(said))
  if (/no space left on device|disk is full|not enough space/i.test(words)) return new ModelyardError('disk_full', `${label}: ${words}`)
  const unknown = /pull model manifest: file does not exist/i.test(words)
  return new ModelyardError(
    'import_failed',
    `${label}: ${words}`,
    unknown ? { retryable: false, hint: 'Its registry knows no such name.' } : {},
  )
}

async function refusal(ollama: Ollama, answer: { status: number; body: AsyncIterable<Uint8Array> }): Promise<ModelyardError> {
  const words = await readText(answer.body, maxErrorBytes)
  const failure = { status: answer.status, body: parsedJson(words), text: words }
  const error = engineError(failure, { label, keyed: 'authorization' in ollama.engine.auth })
  return error.code === 'provider_error' ? new ModelyardError('import_failed', error.message, { details: error.details }) : error
}

interface Total {
  take(news: Fields): PullProgress
}

/** One total over all layers. What is fetched once more does not count back: the number waits until it is passed. */
function createTotal(): Total {
  const layers = new Map<string, { done: number; total: number }>()
  let [most, whole] = [0, 0]
  const note = (digest: string, done: number, total: number): void => {
    if (!layers.has(digest) && layers.size >= maxLayers) {
      throw new ModelyardError('provider_protocol', `${label} names more than ${maxLayers} layers of one model.`)
    }
    layers.set(digest, { done: Math.min(done, total), total })
    const all = [...layers.values()]
    whole = Math.max(
      whole,
      all.reduce((sum, one) => sum + one.total, 0),
    )
    most = Math.max(
      most,
      all.reduce((sum, one) => sum + one.done, 0),
    )
  }
  return {
    take(news) {
      const [digest, total] = [text(news.digest), count(news.total)]
      if (digest !== undefined && total !== undefined) note(digest, count(news.completed) ?? 0, total)
      const status = engineWords(text(news.status) ?? '')
      return { status, bytesDone: Math.min(most, Number.MAX_SAFE_INTEGER), ...(layers.size > 0 && { bytesTotal: whole }) }
    },
  }
}
