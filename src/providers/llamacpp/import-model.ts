/**
 * Bringing a model to a router: a single file flat in its folder, shards and a projector in a folder of their own, under
 * the name that the router then gives it. It is told to read its folder again, and done when it lists the model.
 */
import { lstat, readdir, realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { ModelyardError } from '../../contract/index.ts'
import { withinTime } from '../../platform/within-time.ts'
import { filesToImport, stemOf } from '../import-names.ts'
import { untilSeen } from '../openai-chat/index.ts'
import { performPlacement, planPlacement, type Target } from '../place-model.ts'
import type { ImportAddition, ImportDecision, ImportFile, Importing, ImportModel } from '../provider.ts'
import { afterTakingBack, takeBack } from '../take-back.ts'
import { presentModels } from './find-model.ts'
import { readAgain, routerFolder } from './router-folder.ts'
import type { Server } from './server.ts'

export interface RouterImport {
  readonly server: Server
  /** Our own folder of GGUF files. */
  readonly library: string | undefined
  /** Until the folder was read again and a placed model is listed, or a removed one no longer is. */
  readonly listedMs: number
}

export function createImporting(context: RouterImport): Importing {
  const { server } = context
  return {
    async plan(model, signal) {
      const { root, name, targets } = await layout(await routerFolder(server, signal), model)
      const decided = await planPlacement({ root, targets }, context.library)
      if (!decided) throw unwritable()
      return { ...decided, name } satisfies ImportDecision
    },
    async perform(model, _, importing) {
      const { root, name, targets } = await layout(await routerFolder(server, importing.signal), model)
      const added = await performPlacement({ root, targets }, importing)
      try {
        await untilListed(context, { name, first: targets[0]?.to ?? root }, importing.signal)
        return { name, added, holds: targets.map(({ to }) => to) }
      } catch (error) {
        const said = await afterTakingBack(error, root, added)
        await readAgain(server, AbortSignal.timeout(5000)).catch(() => undefined)
        throw said
      }
    },
    undo: (added, signal) => undo(context, added, signal),
  }
}

interface Layout<File extends ImportFile> {
  /** Its real path. */
  readonly root: string
  readonly name: string
  readonly targets: readonly Target<File>[]
}

async function layout<File extends ImportFile>(modelsDir: string, model: ImportModel<File>): Promise<Layout<File>> {
  const files = filesToImport(model)
  const root = await realpath(modelsDir).catch(() => Promise.reject(noFolder()))
  const name = stemOf(model.weights[0]?.name ?? '')
  const targets =
    files.length === 1
      ? files.map((file) => ({ file, to: join(root, `${name}.gguf`) }))
      : files.map((file) => ({ file, to: join(root, name, file.name) }))
  await refuseTwins(root, name, targets)
  return { root, name, targets }
}

/** A file and a folder of one name, or two models in one folder, are one name to the router: which it means is not certain. */
async function refuseTwins(root: string, name: string, targets: readonly Target<ImportFile>[]): Promise<void> {
  const flat = targets.length === 1
  const twin = await lstat(join(root, flat ? name : `${name}.gguf`)).catch(() => undefined)
  const beside = flat ? [] : await readdir(join(root, name)).catch(() => [])
  const others = beside.filter((one) => one.endsWith('.gguf') && !targets.some(({ to }) => basename(to) === one))
  if (twin || others.length > 0)
    throw new ModelyardError('conflict', `The router has another model under the name ${name}.`, {
      retryable: false,
      hint: 'Move or remove it; an existing model is never overwritten.',
    })
}

async function untilListed(
  { server, listedMs }: RouterImport,
  wanted: { name: string; first: string },
  signal: AbortSignal,
): Promise<void> {
  const late = () =>
    new ModelyardError('import_failed', `llama.cpp does not list ${wanted.name}, though its files lie in the folder.`, {
      hint: 'Start llama-server with --models-dir and the folder that is "modelsDir" in the configuration, in a version that can read it again.',
    })
  await withinTime({ signal, ms: listedMs, late }, async (bounded) => {
    await readAgain(server, bounded)
    await untilSeen(async () => ((await listed(server, wanted, bounded)) ? true : undefined), bounded)
  })
}

/** Under this name and, where the router tells it, from this file. */
async function listed(server: Server, { name, first }: { name: string; first: string }, signal: AbortSignal): Promise<boolean> {
  const found = (await presentModels(server, signal)).find(({ id }) => id === name)
  if (!found) return false
  return found.path === undefined || (await realpath(found.path).catch(() => undefined)) === first
}

async function undo(context: RouterImport, added: readonly ImportAddition[], signal: AbortSignal): Promise<void> {
  const { server, listedMs } = context
  if (server.modelsDir === undefined || added.length === 0) return
  const root = await realpath(server.modelsDir).catch(() => Promise.reject(noFolder()))
  const removed = await takeBack(root, added)
  const names = new Set(removed.map((path) => (dirname(path) === root ? stemOf(basename(path)) : basename(dirname(path)))))
  const late = () => new ModelyardError('timeout', 'The files are gone, but llama.cpp still lists the model.')
  await withinTime({ signal, ms: listedMs, late }, async (bounded) => {
    try {
      await readAgain(server, bounded)
      await untilSeen(async () => ((await presentModels(server, bounded)).some(({ id }) => names.has(id)) ? undefined : true), bounded)
    } catch (error) {
      // A server that does not run lists nothing.
      if (bounded.aborted || ModelyardError.from(error).code !== 'provider_unreachable') throw error
    }
  })
}

const noFolder = (): ModelyardError =>
  new ModelyardError('unsupported_operation', 'The folder of models of this llama-server is not there.', {
    hint: 'Correct "modelsDir" of this provider in the configuration.',
  })

const unwritable = (): ModelyardError =>
  new ModelyardError('unsupported_operation', 'The folder of models of this llama-server cannot be written.', {
    hint: 'Look at who owns it.',
  })
