/** The thread of all downloads: it owns the sockets, the partials and their journals, and asks for signed addresses. */
import { parentPort } from 'node:worker_threads'
import { ModelyardError } from '../contract/error.ts'
import { type Deferred, deferred } from '../util/deferred.ts'
import { createBandwidth, type Share } from './bandwidth.ts'
import type { Link } from './links.ts'
import type { DownloadOrder, FromNet, ToNet } from './messages.ts'
import { runDownload } from './run-download.ts'

interface Running {
  readonly stop: AbortController
  readonly share: Share
  asked: Deferred<Link> | undefined
}

const bandwidth = createBandwidth()
const running = new Map<number, Running>()
const say = (message: FromNet): void => parentPort?.postMessage(message)

async function start(id: number, order: DownloadOrder): Promise<void> {
  const one: Running = { stop: new AbortController(), share: bandwidth.join(order.bytesPerSecond), asked: undefined }
  running.set(id, one)
  const resolve = (): Promise<Link> => {
    one.asked = deferred<Link>()
    say({ kind: 'resolve', id })
    return one.asked.promise
  }
  try {
    await runDownload({
      order,
      resolve,
      share: one.share,
      signal: one.stop.signal,
      onProgress: (progress) => say({ kind: 'progress', id, progress }),
      onVerified: () => say({ kind: 'verified', id }),
    })
    say({ kind: 'ended', id })
  } catch (error) {
    say({ kind: 'ended', id, error: ModelyardError.from(error).toBody() })
  } finally {
    one.share.leave()
    running.delete(id)
  }
}

parentPort?.on('message', (message: ToNet) => {
  if (message.kind === 'start') return void start(message.id, message.order)
  const one = message.id === undefined ? undefined : running.get(message.id)
  if (message.kind === 'limit') return (message.id === undefined ? bandwidth : one?.share)?.set(message.bytesPerSecond)
  if (message.kind === 'link') return one?.asked?.resolve(message.link)
  if (message.kind === 'no-link') return one?.asked?.reject(ModelyardError.fromBody(message.error))
  one?.share.leave()
  one?.stop.abort()
})
