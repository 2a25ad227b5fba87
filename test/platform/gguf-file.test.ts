import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readGgufFile, readGgufMetadata } from '../../src/platform/gguf-file.ts'
import { damagedGguf, tinyGguf } from '../../src/testing/index.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gguf-file-'))
})
afterEach(() => rm(folder, { recursive: true }))

const put = async (bytes: Uint8Array): Promise<string> => {
  const path = join(folder, 'm.gguf')
  await writeFile(path, bytes)
  return path
}

it('tells what a file is', async () => {
  const path = await put(tinyGguf({ name: 'A model' }))
  expect(await readGgufFile(path)).toMatchObject({ name: 'A model', role: 'model', parameters: 123_200 })
  expect((await readGgufMetadata(path))?.get('general.name')).toBe('A model')
})

it('a file that is cut is none, though its metadata are whole', async () => {
  const path = await put(tinyGguf())
  await truncate(path, 100_000)
  expect(await readGgufFile(path)).toBeUndefined()
  expect((await readGgufMetadata(path))?.get('general.architecture')).toBe('llama')
})

it('another kind of file is none; one that is not there is an error', async () => {
  const path = await put(damagedGguf('random-bytes'))
  expect([await readGgufFile(path), await readGgufMetadata(path)]).toEqual([undefined, undefined])
  await expect(readGgufFile(join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' })
})
