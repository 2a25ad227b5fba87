/** What changes the fake Ollama's models: a pull, a copy, a delete, as recorded of 0.32.15. */
import { sendJson } from './fake-server.ts'
import { breaksOff } from './ollama-answer.ts'
import type { Answering } from './ollama-answering.ts'
import { withTag } from './ollama-listing.ts'
import { fromOwnRegistry } from './ollama-own-registry.ts'
import { PullFailed, pullFromRegistry } from './ollama-pull.ts'
import { partsOf, seedModel, shown } from './ollama-store.ts'

type Say = (line: object) => void

export async function pull(answering: Answering): Promise<void> {
  const { asked, response, fault, signal } = answering
  const name = String(asked.body?.model ?? asked.body?.name ?? '')
  if (!/^[\w.:/-]+$/.test(name) || name.includes('..')) return sendJson(response, { error: 'invalid model name' }, 400)
  const whole = asked.body?.stream === false
  let lines = 0
  const say: Say = (line) => {
    if (whole || response.writableEnded || response.destroyed) return
    if (lines === 0) response.writeHead(200, { 'content-type': 'application/x-ndjson' })
    if (breaksOff(fault, lines, response)) throw new Left()
    lines += 1
    response.write(`${JSON.stringify(line)}\n`)
  }
  try {
    say({ status: 'pulling manifest' })
    if (fault?.kind !== 'nothing') await pulled(answering, name, say)
    if (signal.aborted) return
    say({ status: 'success' })
    whole ? sendJson(response, { status: 'success' }) : response.end()
  } catch (error) {
    if (error instanceof Left || signal.aborted) return
    if (!(error instanceof PullFailed)) throw error
    whole
      ? sendJson(response, { error: error.message }, 500, 'application/json')
      : response.end(`${JSON.stringify({ error: error.message })}\n`)
  }
}

/** The stream ended other than it should. */
class Left extends Error {}

async function pulled({ asked, shelf, store, pullable, pulls, server, signal }: Answering, name: string, say: Say): Promise<void> {
  const own = pullable.find((one) => withTag(one.name) === withTag(name))
  if (own) {
    await fromOwnRegistry(own, { pulls, say, signal })
    if (store) seedModel(store, own.name)
  } else {
    if (/^http:/.test(name) && asked.body?.insecure !== true) throw new PullFailed('insecure protocol http')
    await pullFromRegistry(name, { ...pulls, store, say, signal })
    pulls.changes += 1
  }
  if (signal.aborted) return
  const listed = own?.name ?? shown(partsOf(name))
  if (!shelf.find(listed)) shelf.models.push({ ...own, name: listed, broken: own?.broken ?? store?.isDamaged(listed) ?? false })
  server.changed()
}

export function copy({ shelf, store, asked, response, fault, server, pulls }: Answering): void {
  const [source, destination] = [String(asked.body?.source ?? ''), String(asked.body?.destination ?? '')]
  const model = shelf.find(source)
  if (!model) return sendJson(response, { error: `model "${source}" not found` }, 404)
  pulls.changes += 1
  if (fault?.kind !== 'nothing') {
    store?.copy(withTag(model.name), withTag(destination))
    const there = shelf.find(destination)
    if (there) shelf.models.splice(shelf.models.indexOf(there), 1)
    shelf.models.push({ ...model, name: destination })
    server.changed()
  }
  response.writeHead(200).end()
}

/**
 * What is in memory stays there, although its name is gone. Empty folders go too: that fails half done, the blobs left where
 * they are, when another request touches the folder meanwhile.
 */
export async function remove({ shelf, store, asked, response, fault, server, pulls }: Answering): Promise<void> {
  const name = asked.body?.model ?? asked.body?.name
  const model = shelf.find(name)
  if (!model) return sendJson(response, { error: `model '${String(name)}' not found` }, 404)
  if (fault?.kind !== 'nothing') {
    pulls.changes += 1
    const mine = pulls.changes
    shelf.models.splice(shelf.models.indexOf(model), 1)
    const removeBlobs = store?.remove(withTag(model.name))
    server.changed()
    if (store) await new Promise((resolve) => setImmediate(resolve))
    if (pulls.changes !== mine) return sendJson(response, { error: 'lstat 127.0.0.1:5000: no such file or directory' }, 500)
    removeBlobs?.()
  }
  response.writeHead(200).end()
}

export function blobHead({ store, asked, response }: Answering): void {
  const digest = /^\/api\/blobs\/(sha256[:-][0-9a-f]{64})$/.exec(asked.path)?.[1]
  response.writeHead(digest === undefined ? 400 : store?.hasBlob(digest.replace('-', ':')) ? 200 : 404).end()
}
