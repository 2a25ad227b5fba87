/** Ten thousand files in the library, and in LM Studio's folder: listed from the saved index, and again. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { encodeGguf } from '../src/testing/gguf/write-gguf.ts'
import { type Figure, median, ms } from './table.ts'

const repositories = 2500
const quantizations = ['Q4_K_M', 'Q5_K_M', 'Q6_K', 'Q8_0']
const starts = 5
const rounds = 15
const limits = { cold: 500, warm: 60, task: 10 }

interface Times {
  readonly took: number
  readonly longest: number
}

interface Lists {
  readonly models: number
  /** Reading the folders and looking at each file, and nothing else. */
  readonly bare: readonly number[]
  readonly cold: Times
  readonly coldShow: Times
  readonly warm: readonly Times[]
  readonly warmShow: readonly Times[]
}

export async function library(): Promise<Figure[]> {
  const base = await mkdtemp(join(tmpdir(), 'modelyard-bench-'))
  try {
    const folders = [join(base, 'library'), join(base, 'studio')] as const
    for (const folder of folders) await fill(folder)
    const once = (): Promise<Lists> => lists(join(base, 'home'), ...folders)
    const first = await once()
    const later: Lists[] = []
    for (let start = 0; start < starts; start += 1) later.push(await once())
    return figures(first, later)
  } finally {
    await rm(base, { recursive: true })
  }
}

async function fill(folder: string): Promise<void> {
  for (let index = 0; index < repositories; index += 1) {
    const repo = join(folder, `publisher-${index % 100}`, `model-${index}-GGUF`)
    await mkdir(repo, { recursive: true })
    const header = encodeGguf({
      metadata: {
        'general.architecture': { type: 'string', value: 'llama' },
        'general.name': { type: 'string', value: `Model ${index}` },
        'general.size_label': { type: 'string', value: '8B' },
        'llama.context_length': { type: 'u32', value: 131_072 },
      },
      tensors: [],
    })
    for (const one of quantizations) await writeFile(join(repo, `model-${index}-${one}.gguf`), header)
  }
}

/** In a process of its own, of the shipped program. */
async function lists(...folders: string[]): Promise<Lists> {
  const program = join(import.meta.dirname, 'library-child.mjs')
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...folders, String(rounds)])
  return JSON.parse(stdout) as Lists
}

function figures(first: Lists, later: readonly Lists[]): Figure[] {
  const cold = median(later.map((one) => one.cold.took))
  const warm = median(later.flatMap((one) => one.warm.map(({ took }) => took)))
  const show = median(later.map((one) => one.coldShow.took))
  const warmShow = median(later.flatMap((one) => one.warmShow.map(({ took }) => took)))
  // Other programs on this machine make a task look longer, never shorter.
  const task = Math.min(...later.map((one) => Math.max(one.cold.longest, one.coldShow.longest)))
  const warmTask = median(later.flatMap((one) => [...one.warm, ...one.warmShow].map(({ longest }) => longest)))
  const bare = `readdir and stat of all ${ms(median(later.flatMap((one) => one.bare)))}`
  return [
    {
      what: 'library, list from the saved index',
      measured: ms(cold),
      peer: `${first.models} models; without it ${ms(first.cold.took)}`,
      limit: '500 ms',
      share: cold / limits.cold,
    },
    { what: 'library, list again', measured: ms(warm), peer: bare, limit: '60 ms', share: warm / limits.warm },
    { what: "LM Studio's folder, first look", measured: ms(show), peer: bare, limit: '500 ms', share: show / limits.cold },
    { what: "LM Studio's folder, again", measured: ms(warmShow), peer: bare, limit: '60 ms', share: warmShow / limits.warm },
    { what: 'longest task meanwhile, first', measured: ms(task), peer: 'best of the starts', limit: '10 ms', share: task / limits.task },
    { what: 'longest task meanwhile, again', measured: ms(warmTask), peer: 'median', limit: '10 ms', share: warmTask / limits.task },
  ]
}
