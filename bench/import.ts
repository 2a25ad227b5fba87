/** `npm run bench:import`: 4 GiB into engines on the same volume, its hash known, beside half a megabyte. */
import { mkdir, mkdtemp, open, readdir, rm, stat, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hashFile } from '../src/platform/hash-file.ts'
import { createLmStudio } from '../src/providers/lmstudio/index.ts'
import { createOllama } from '../src/providers/ollama/index.ts'
import type { ImportModel, LocalFile, Provider } from '../src/providers/provider.ts'
import { fakeLmStudio } from '../src/testing/fakes/fake-lmstudio.ts'
import { fakeOllama } from '../src/testing/fakes/fake-ollama.ts'
import { tinyGguf } from '../src/testing/gguf/tiny-gguf.ts'
import { type Figure, median, megabytes, ms, print } from './table.ts'

const bigBytes = 4 * 2 ** 30
const rounds = 7
const limitMs = 50
const signal = AbortSignal.timeout(600_000)

interface Subject {
  readonly name: string
  readonly provider: Provider
  /** All that it keeps on disk. */
  readonly folder: string
}

/** The tiny model, and nothing behind its tensors up to that size: it costs no room. */
async function sparse(folder: string, name: string, bytes: number): Promise<LocalFile> {
  const path = join(folder, name)
  const file = await open(path, 'w')
  await file.writeFile(tinyGguf({ name }))
  await file.close()
  if (bytes > 0) await truncate(path, bytes)
  const { size } = await stat(path)
  return { name, bytes: size, path, sha256: await hashFile(path, size, { signal }) }
}

/** Room that names of files take which are no other names of the source. */
async function ownBytes(folder: string, source: LocalFile): Promise<number> {
  const { ino } = await stat(source.path)
  const names = await readdir(folder, { recursive: true })
  const found = await Promise.all(names.map((name) => stat(join(folder, name))))
  return found.filter((one) => one.isFile() && one.ino !== ino).reduce((sum, one) => sum + one.size, 0)
}

async function once({ provider, folder }: Subject, file: LocalFile): Promise<{ took: number; extra: number }> {
  const model: ImportModel = { repo: `bench/${file.name.replace('.gguf', '')}-GGUF`, weights: [file] }
  if (!provider.importing) throw new TypeError('expected an engine that takes models')
  const decision = await provider.importing.plan(model, signal)
  const before = await ownBytes(folder, file)
  const began = performance.now()
  const { added } = await provider.importing.perform(model, decision, { signal })
  const took = performance.now() - began
  const extra = (await ownBytes(folder, file)) - before
  await provider.importing.undo(added, signal)
  return { took, extra }
}

async function figuresOf(subject: Subject, small: LocalFile, big: LocalFile): Promise<Figure[]> {
  const times = { small: [] as number[], big: [] as number[] }
  let extra = 0
  for (let round = 0; round < rounds; round += 1) {
    times.small.push((await once(subject, small)).took)
    const one = await once(subject, big)
    times.big.push(one.took)
    extra = Math.max(extra, one.extra)
  }
  const [own, all] = [median(times.small), median(times.big)]
  const beyond = all - own
  // Its manifest and what describes the model.
  const allowed = 64 * 1024
  return [
    {
      what: `import of ${megabytes(big.bytes)} into ${subject.name}: beyond the same of ${megabytes(small.bytes)}`,
      measured: ms(beyond),
      peer: `${ms(own)}, ${ms(all)}`,
      limit: `${limitMs} ms`,
      share: Math.max(0, beyond) / limitMs,
    },
    { what: 'and the room it takes besides', measured: megabytes(extra), peer: '', limit: megabytes(allowed), share: extra / allowed },
  ]
}

async function run(base: string): Promise<Figure[]> {
  const folders = { library: join(base, 'library'), studio: join(base, 'studio'), ollama: join(base, 'ollama') }
  for (const folder of Object.values(folders)) await mkdir(folder)
  await using studio = await fakeLmStudio({ modelsDir: folders.studio })
  await using ollama = await fakeOllama({ store: folders.ollama })
  const common = { enabled: true, apiKey: undefined } as const
  const subjects: Subject[] = [
    {
      name: 'LM Studio’s folder',
      folder: folders.studio,
      provider: createLmStudio({ ...common, id: 'lmstudio', kind: 'lmstudio', baseUrl: studio.url, modelsDir: folders.studio }, {}),
    },
    {
      name: 'Ollama’s store',
      folder: folders.ollama,
      provider: createOllama({ ...common, id: 'ollama', kind: 'ollama', baseUrl: ollama.url, modelsDir: folders.ollama }),
    },
  ]
  const small = await sparse(folders.library, 'small.gguf', 0)
  const big = await sparse(folders.library, 'big.gguf', bigBytes)
  const figures: Figure[] = []
  for (const one of subjects) figures.push(...(await figuresOf(one, small, big)))
  await Promise.all(subjects.map(({ provider }) => provider.close()))
  return figures
}

const base = await mkdtemp(join(tmpdir(), 'modelyard-bench-'))
const figures = await run(base).finally(() => rm(base, { recursive: true }))
process.exit(print(figures))
