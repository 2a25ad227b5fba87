/** Headers are read once for each state of a file, and what was saved of them is believed only of that state. */
import { mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createKnownHeaders, type KnownHeaders } from '../../../src/providers/embedded/known-headers.ts'
import { encodeGguf } from '../../../src/testing/gguf/write-gguf.ts'

const count = 70
const longer = 'a longer name than before '.repeat(4).trim()
const old = 1_700_000_000
let library: string
const logged: string[] = []
beforeEach(async () => {
  library = await realpath(await mkdtemp(join(tmpdir(), 'headers-')))
  logged.length = 0
  await mkdir(join(library, '.modelyard'))
  await mkdir(join(library, 'a/r'), { recursive: true })
  for (let index = 0; index < count; index += 1) await write(index, 'first name')
})
afterEach(() => rm(library, { recursive: true }))

const pathOf = (index: number): string => join(library, `a/r/${String(index).padStart(3, '0')}.gguf`)

/** Always with the same mtime, and the same inode where it was there. */
async function write(index: number, name: string, mtime = old): Promise<void> {
  const architecture = index === 1 ? 'bert' : 'llama'
  const header = encodeGguf({
    metadata: {
      'general.architecture': { type: 'string', value: architecture },
      'general.name': { type: 'string', value: name },
      'general.size_label': { type: 'string', value: '8B' },
      'general.file_type': { type: 'u32', value: 15 },
      [`${architecture}.context_length`]: { type: 'u32', value: 4096 },
      'tokenizer.chat_template': { type: 'string', value: 'x'.repeat(1000) },
    },
    tensors: [],
  })
  await writeFile(pathOf(index), header)
  await utimes(pathOf(index), mtime, mtime)
}

const start = (): KnownHeaders => createKnownHeaders(library, (message) => void logged.push(message))

/** Lists once, as a process that ends then. */
async function listOnce(): Promise<readonly { name: string; displayName?: string | undefined }[]> {
  const headers = start()
  const models = await headers.list()
  await headers.close()
  return models
}

it('a list tells what headers say, and another process what was saved of them, without their templates', async () => {
  const [first, second] = await listOnce()
  expect(first).toEqual({
    name: 'a/r/000',
    identity: pathOf(0),
    sizeBytes: (await stat(pathOf(0))).size,
    modifiedAt: new Date(old * 1000).toISOString(),
    format: 'gguf',
    kind: 'chat',
    capabilities: ['completion'],
    family: 'llama',
    displayName: 'first name',
    parameters: '8B',
    quantization: 'Q4_K_M',
    contextLength: 4096,
  })
  expect(second).toMatchObject({ kind: 'embedding', family: 'bert' })
  expect(await readFile(join(library, '.modelyard/headers.json'), 'utf8')).not.toContain('xxxx')
  // Nobody can tell these from before: what was saved is told.
  for (let index = 0; index < count; index += 1) await write(index, 'other name')
  expect((await listOnce()).map((one) => one.displayName)).toEqual(Array(count).fill('first name'))
})

it('another mtime, size or inode is another file', async () => {
  await listOnce()
  await write(2, 'second name', old + 1)
  await write(3, longer)
  await writeFile(
    join(library, 'new'),
    await readFile(pathOf(4)).then((header) => Buffer.from(header.toString('latin1').replace('first', 'third'), 'latin1')),
  )
  await utimes(join(library, 'new'), old, old)
  await rename(join(library, 'new'), pathOf(4))
  expect((await listOnce()).slice(1, 6).map((one) => one.displayName)).toEqual([
    'first name',
    'second name',
    longer,
    'third name',
    'first name',
  ])
})

it('the same list while nothing changes', async () => {
  const headers = start()
  const first = await headers.list()
  expect(await headers.list()).toBe(first)
  await rm(pathOf(0))
  expect((await headers.list()).length).toBe(count - 1)
  await headers.close()
})

it('a lost or damaged table costs only time; a link is not followed', async () => {
  await listOnce()
  const table = join(library, '.modelyard/headers.json')
  const text = await readFile(table, 'utf8')
  await writeFile(table, text.slice(0, text.length / 2))
  expect((await listOnce()).length).toBe(count)
  const outside = join(library, 'outside')
  await rm(table)
  await writeFile(outside, text.replaceAll('first name', 'wrong name'))
  await symlink(outside, table)
  expect((await listOnce())[0]?.displayName).toBe('first name')
  expect(await readFile(outside, 'utf8')).toContain('wrong name')
})

it('nothing is saved of a few, nor where the library keeps nothing', async () => {
  await rm(join(library, '.modelyard'), { recursive: true })
  await listOnce()
  expect(await readdir(library)).toEqual(['a'])
  await mkdir(join(library, '.modelyard'))
  for (let index = 10; index < count; index += 1) await rm(pathOf(index))
  await listOnce()
  expect([await readdir(join(library, '.modelyard')), logged]).toEqual([[], []])
})
