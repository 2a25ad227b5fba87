/** Blobs in the cache of the Hub are found where its variables say, through its links and never out of it. */
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { findInHubCache } from '../../src/library/hub-cache.ts'

const sha256 = 'ab'.repeat(32)
const { signal } = new AbortController()
let home: string
beforeEach(async () => {
  home = await realpath(await mkdtemp(join(tmpdir(), 'hub-cache-')))
})
afterEach(() => rm(home, { recursive: true }))

async function write(path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, 'weights')
  return path
}

it.each([
  ['by default', '.cache/huggingface/hub', {}],
  ['by XDG_CACHE_HOME', 'xdg/huggingface/hub', { XDG_CACHE_HOME: '~/xdg' }],
  ['by HF_HOME', 'hf/hub', { HF_HOME: '~/hf', XDG_CACHE_HOME: '~/xdg' }],
  ['by the old variable', 'old', { HUGGINGFACE_HUB_CACHE: '~/old', HF_HOME: '~/hf' }],
  ['by HF_HUB_CACHE', 'new', { HF_HUB_CACHE: '~/new', HUGGINGFACE_HUB_CACHE: '~/old', HF_HOME: '~/hf' }],
  ['by LLAMA_CACHE', 'llama', { LLAMA_CACHE: '~/llama', HF_HUB_CACHE: '~/nowhere' }],
])('%s', async (_, folder, variables) => {
  const env = Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, value.replace('~', home)]))
  await write(join(home, folder, 'models--a--b/blobs', 'cd'.repeat(32)))
  const path = await write(join(home, folder, 'models--a--c/blobs', sha256))
  expect(await findInHubCache(sha256, { HOME: home, ...env }, signal)).toBe(path)
  expect(await findInHubCache(sha256.replace('a', 'c'), { HOME: home, ...env }, signal)).toBeUndefined()
})

it('a blob that all repositories share is found at its own place', async () => {
  const root = join(home, '.cache/huggingface/hub')
  const shared = await write(join(root, 'blobs/0f', '0f'.repeat(32)))
  await mkdir(join(root, 'models--a--b/blobs'), { recursive: true })
  await symlink(join('../../blobs/0f', '0f'.repeat(32)), join(root, 'models--a--b/blobs', sha256))
  expect(await findInHubCache(sha256, { HOME: home }, signal)).toBe(shared)
})

it('links that lead out of it, nowhere, round in a circle or to a folder are no blobs', async () => {
  const root = join(home, '.cache/huggingface/hub')
  const outside = await write(join(home, 'outside'))
  for (const [index, to] of [outside, 'nowhere', sha256, '.'].entries()) {
    await mkdir(join(root, `models--a--${index}/blobs`), { recursive: true })
    await symlink(to, join(root, `models--a--${index}/blobs`, sha256))
  }
  expect(await findInHubCache(sha256, { HOME: home }, signal)).toBeUndefined()
})

it.each(['../../../etc/passwd', '', 'AB'.repeat(32), `${sha256}.incomplete`])('%j is no hash', async (name) => {
  await write(join(home, '.cache/huggingface/hub/models--a--b/blobs', 'AB'.repeat(32)))
  expect(await findInHubCache(name, { HOME: home }, signal)).toBeUndefined()
})

it('heeds the signal', async () => {
  await write(join(home, '.cache/huggingface/hub/models--a--b/blobs', sha256))
  await expect(findInHubCache(sha256, { HOME: home }, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' })
})
