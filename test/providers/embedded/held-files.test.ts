/** The files of the library, each with its role; a projector goes with every model of its folder. */
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { heldFiles } from '../../../src/providers/embedded/held-files.ts'

const { signal } = new AbortController()
let library: string
beforeEach(async () => {
  library = await realpath(await mkdtemp(join(tmpdir(), 'held-')))
  for (const name of [
    'a/r/x-00001-of-00002.gguf',
    'a/r/x-00002-of-00002.gguf',
    'a/r/mmproj-F16.gguf',
    'a/r/y.gguf',
    'z.gguf',
    'mmproj.gguf',
  ]) {
    await mkdir(dirname(join(library, name)), { recursive: true })
    await writeFile(join(library, name), name)
  }
  await mkdir(join(library, '.modelyard/partials'), { recursive: true })
  await writeFile(join(library, '.modelyard/partials/hidden.gguf'), 'half')
  await symlink('/etc/hostname', join(library, 'a/r/outside.gguf'))
})
afterEach(() => rm(library, { recursive: true }))

const short = (files: readonly { name: string; path: string; bytes: number; role: string }[]): unknown[] =>
  files.map(({ name, path, bytes, role }) => [name, path.slice(library.length + 1), bytes, role])

it('of all models and of one', async () => {
  const x = [
    ['a/r/x', 'a/r/x-00001-of-00002.gguf', 25, 'weights'],
    ['a/r/x', 'a/r/x-00002-of-00002.gguf', 25, 'weights'],
    ['a/r/x', 'a/r/mmproj-F16.gguf', 19, 'projector'],
  ]
  expect(short(await heldFiles(library, signal))).toEqual([
    ...x,
    ['a/r/y', 'a/r/y.gguf', 10, 'weights'],
    ['a/r/y', 'a/r/mmproj-F16.gguf', 19, 'projector'],
    ['z', 'z.gguf', 6, 'weights'],
  ])
  expect(short(await heldFiles(library, signal, 'a/r/x'))).toEqual(x)
  expect(await heldFiles(library, signal, 'a/r/gone')).toEqual([])
  await expect(heldFiles(library, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' })
})
