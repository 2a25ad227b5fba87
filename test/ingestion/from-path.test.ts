import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fromPath } from '../../src/ingestion/from-path.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'modelyard-path-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** A folder with these files. */
async function withFiles(names: readonly string[]): Promise<string> {
  const one = await mkdtemp(join(folder, 'x-'))
  for (const name of names) {
    await mkdir(join(one, name, '..'), { recursive: true })
    await writeFile(join(one, name), 'GGUF and more')
  }
  return one
}

const namesOf = async (path: string): Promise<string[]> => (await fromPath({ path })).subject.files.map(({ name }) => name)

describe('a model from the disk', () => {
  it('a file by itself, named after it', async () => {
    const at = await withFiles(['My Model-Q4_0.gguf', 'other-Q8_0.gguf'])
    const { kind, subject } = await fromPath({ path: join(at, 'My Model-Q4_0.gguf') })
    expect([kind, subject]).toMatchObject([
      'import',
      { repo: 'local/My-Model-Q4_0', quantization: 'Q4_0', files: [{ bytes: 13, role: 'weights' }] },
    ])
  })

  it('in folders of publisher and repository it keeps their names', async () => {
    const at = await withFiles(['lab/Tiny-GGUF/tiny.gguf'])
    expect((await fromPath({ path: join(at, 'lab/Tiny-GGUF/tiny.gguf') })).subject.repo).toBe('lab/Tiny-GGUF')
  })

  it('with one shard comes the whole set, and with the only model of a folder its projector', async () => {
    const at = await withFiles(['big-00001-of-00002.gguf', 'big-00002-of-00002.gguf', 'mmproj-big.gguf'])
    expect(await namesOf(join(at, 'big-00002-of-00002.gguf'))).toEqual([
      'big-00001-of-00002.gguf',
      'big-00002-of-00002.gguf',
      'mmproj-big.gguf',
    ])
    expect(await namesOf(at)).toHaveLength(3)
  })

  it('follows a link to the file', async () => {
    const at = await withFiles(['real.gguf'])
    await symlink(join(at, 'real.gguf'), join(at, 'link.gguf'))
    expect(await namesOf(join(at, 'link.gguf'))).toEqual(['link.gguf'])
  })

  it.each([
    ['nothing there', [], 'gone.gguf', 'file_not_found'],
    ['a set with a hole', ['a-00001-of-00002.gguf'], 'a-00001-of-00002.gguf', 'shard_missing'],
    ['no GGUF', ['a.bin'], 'a.bin', 'not_a_model_file'],
    ['a folder without', ['a.bin'], '.', 'not_a_model_file'],
    ['a folder with several', ['a.gguf', 'b.gguf'], '.', 'model_ambiguous'],
    ['a projector by itself', ['mmproj-a.gguf'], 'mmproj-a.gguf', 'not_a_model_file'],
    ['a name that hides its end', ['a\u202Efugg.gguf'], 'a\u202Efugg.gguf', 'unsafe_name'],
  ])('refuses %s', async (_, names, path, code) => {
    const at = await withFiles(names)
    await expect(fromPath({ path: join(at, path) })).rejects.toMatchObject({ code })
  })
})
