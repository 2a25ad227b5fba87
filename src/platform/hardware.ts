/** What the machine has and what of it is free, in bytes. What cannot be read is absent. */
import { execFile } from 'node:child_process'
import { readFile, statfs } from 'node:fs/promises'
import { freemem, totalmem } from 'node:os'
import type { Hardware } from '../contract/index.ts'
import { findProgram } from './find-program.ts'

const smiMs = 3000
/** Free GPU memory changes by the second, the GPUs do not; a machine without any is not asked again for a while. */
const gpuAgeMs = 1000
const noGpuAgeMs = 60_000

export async function readHardware(folders: readonly string[]): Promise<Hardware> {
  const [memory, gpus, volumes] = await Promise.all([readMemory(), readGpus(), readVolumes(folders)])
  return { memory, gpus, volumes }
}

/** RAM as this process may use it: a container's limit where there is one. */
export async function readMemory(): Promise<Hardware['memory']> {
  const [available, limit] = await Promise.all([readAvailable(), readCgroup()])
  const total = Math.min(totalmem(), limit?.max ?? Number.POSITIVE_INFINITY)
  const left = limit ? Math.max(0, limit.max - limit.used) : Number.POSITIVE_INFINITY
  return { total, free: Math.min(available, left, total) }
}

/** What the kernel could give without swapping, the page cache included (`MemAvailable`). */
async function readAvailable(): Promise<number> {
  const text = await readFile('/proc/meminfo', 'utf8').catch(() => '')
  const found = /^MemAvailable:\s+(\d+) kB$/m.exec(text)
  return found ? Number(found[1]) * 1024 : freemem()
}

async function readCgroup(): Promise<{ max: number; used: number } | undefined> {
  const [max, used] = await Promise.all(
    ['memory.max', 'memory.current'].map((name) => readFile(`/sys/fs/cgroup/${name}`, 'utf8').catch(() => '')),
  )
  const [limit, current] = [Number.parseInt(max ?? '', 10), Number.parseInt(used ?? '', 10)]
  return Number.isFinite(limit) && Number.isFinite(current) ? { max: limit, used: current } : undefined
}

type Gpu = Hardware['gpus'][number]
let known: { readonly gpus: Promise<Gpu[]>; readonly until: number } | undefined

async function readGpus(): Promise<Gpu[]> {
  if (known && Date.now() < known.until) return known.gpus
  const gpus = askNvidia()
  known = { gpus, until: Date.now() + gpuAgeMs }
  const found = await gpus
  if (found.length === 0) known = { gpus, until: Date.now() + noGpuAgeMs }
  return found
}

async function askNvidia(): Promise<Gpu[]> {
  const program = await findProgram('nvidia-smi')
  if (program === undefined) return []
  const text = await run(program, ['--query-gpu=name,memory.total,memory.free', '--format=csv,noheader,nounits'])
  return text.split('\n').flatMap((line) => gpuOf(line) ?? [])
}

function gpuOf(line: string): Gpu | undefined {
  const [name, total, free] = line.split(',').map((part) => part.trim())
  if (!name) return undefined
  const bytes = (mebibytes: string | undefined): number | undefined =>
    /^\d+$/.test(mebibytes ?? '') ? Number(mebibytes) * 2 ** 20 : undefined
  const [all, left] = [bytes(total), bytes(free)]
  return { name: name.slice(0, 100), ...(all !== undefined && { total: all }), ...(left !== undefined && { free: left }) }
}

const run = (program: string, args: readonly string[]): Promise<string> =>
  new Promise((resolve) => {
    execFile(program, args, { timeout: smiMs, windowsHide: true, maxBuffer: 65_536 }, (error, stdout) => resolve(error ? '' : stdout))
  })

async function readVolumes(folders: readonly string[]): Promise<Hardware['volumes']> {
  const found = await Promise.all(folders.map(async (path) => ({ path, free: await freeOf(path) })))
  return found.flatMap(({ path, free }) => (free === undefined ? [] : [{ path, free }]))
}

/** Of the volume of a folder; undefined: it cannot be told. */
export async function freeOf(path: string): Promise<number | undefined> {
  const found = await statfs(path).catch(() => undefined)
  return found && found.bavail * found.bsize
}
