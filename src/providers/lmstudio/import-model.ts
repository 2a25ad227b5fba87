/**
 * Bringing a model to LM Studio: its files below the models folder as `publisher/repo/file`, which LM Studio finds by
 * itself. It has no API for that; where the folder is not known, or cannot be written, its own command is asked. Done
 * when the API lists a model that these files are.
 */
import { join } from 'node:path'
import { ModelyardError } from '../../contract/index.ts'
import { withinTime } from '../../platform/within-time.ts'
import { filesToImport, stemOf } from '../import-names.ts'
import { untilSeen } from '../openai-chat/index.ts'
import { performPlacement, planPlacement, type Target } from '../place-model.ts'
import type { ImportDecision, ImportFile, Importing, ImportModel } from '../provider.ts'
import { afterTakingBack } from '../take-back.ts'
import { importByLms } from './import-by-lms.ts'
import { type ImportPlace, listNow, noFolder, unlessAborted } from './import-place.ts'
import { listedAs, type StudioFiles, scanModels } from './model-files.ts'
import { undoImport } from './undo-import.ts'

export function createImporting(place: ImportPlace): Importing {
  return {
    plan: (model, signal) => planImport(place, model, signal),
    async perform(model, decision, context) {
      const files = filesToImport(model)
      const before = new Set((await listNow(place, context.signal)).map(({ name }) => name))
      const { modelsDir, lms } = await place.look()
      const modelsFolder = async () => (await place.look()).modelsDir
      if (decision.strategy !== 'lms' && modelsDir === undefined) throw noFolder()
      const added =
        decision.strategy === 'lms' || modelsDir === undefined
          ? await importByLms({ repo: model.repo, files, lms, modelsDir: modelsFolder, limitMs: place.limits.lmsMs }, context)
          : await performPlacement({ root: modelsDir, targets: targetsOf(modelsDir, model, files) }, context)
      try {
        const name = await untilListed(place, { model, before, signal: context.signal })
        const root = await modelsFolder()
        return { name, added, holds: root === undefined ? [] : targetsOf(root, model, files).map(({ to }) => to) }
      } catch (error) {
        // The command may have made the folder.
        const root = await modelsFolder()
        throw root === undefined ? error : await afterTakingBack(error, root, added)
      }
    },
    undo: (added, signal) => undoImport(place, added, signal),
  }
}

async function planImport(place: ImportPlace, model: ImportModel<ImportFile>, signal: AbortSignal): Promise<ImportDecision> {
  const files = filesToImport(model)
  const { modelsDir: root, lms } = await place.look()
  const decided = root === undefined ? undefined : await planPlacement({ root, targets: targetsOf(root, model, files) }, place.library)
  if (decided?.strategy === 'present' && root !== undefined) return { ...decided, name: await presentName(place, { root, model, signal }) }
  if (decided) return decided
  if (lms === undefined) throw noFolder()
  const why = root === undefined ? 'The models folder of LM Studio is not known' : 'The models folder of LM Studio cannot be written'
  const extraBytes = files.reduce((sum, { bytes }) => sum + bytes, 0)
  return { strategy: 'lms', reason: `${why}: its own command copies the files.`, extraBytes, volume: root }
}

/** What it is called already; unknown while LM Studio does not run. */
async function presentName(
  place: ImportPlace,
  { root, model, signal }: { root: string; model: ImportModel<ImportFile>; signal: AbortSignal },
): Promise<string | undefined> {
  const listed = (await listNow(place, signal).catch(unlessAborted(signal))) ?? []
  return listedAs({ name: setName(model), before: new Set() }, listed, (await scanModels(root)).sets)?.name
}

const setName = ({ repo, weights }: ImportModel<ImportFile>): string => `${repo}/${stemOf(weights[0]?.name ?? '')}`

const targetsOf = <File extends ImportFile>(root: string, { repo }: ImportModel<File>, files: readonly File[]): Target<File>[] =>
  files.map((file) => ({ file, to: join(root, repo, file.name) }))

interface Wanted {
  readonly model: ImportModel
  /** What was listed before anything was placed. */
  readonly before: ReadonlySet<string>
  readonly signal: AbortSignal
}

/** What LM Studio calls the model that these files are. */
async function untilListed({ look, list, limits }: ImportPlace, { model, before, signal }: Wanted): Promise<string> {
  const { modelsDir } = await look()
  const sets = modelsDir === undefined ? [expected(model)] : (await scanModels(modelsDir)).sets
  const late = () =>
    new ModelyardError('import_failed', `LM Studio does not list ${model.repo}, though its files lie in its folder.`, {
      hint: 'Look at My Models in LM Studio, and whether it reads another folder; then try again.',
    })
  const seen = (bounded: AbortSignal) =>
    untilSeen(async () => listedAs({ name: setName(model), before }, await list(bounded), sets), bounded)
  return (await withinTime({ signal, ms: limits.listedMs, late }, seen)).name
}

/** The files as they must lie there, where the folder cannot be read. */
function expected(model: ImportModel): StudioFiles {
  const { repo, weights, projector } = model
  return {
    name: setName(model),
    repo: repo.split('/')[1] ?? '',
    weights: weights.map(({ name }) => `${repo}/${name}`),
    bytes: weights.reduce((sum, { bytes }) => sum + bytes, 0),
    projectors: projector ? [`${repo}/${projector.name}`] : [],
    projectorBytes: projector?.bytes ?? 0,
    held: [],
  }
}
