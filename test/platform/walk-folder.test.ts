import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { walkFolder } from '../../src/platform/walk-folder.ts'
import { testFolder } from '../support/test-yard.ts'

const folders: string[] = []
afterEach(async () => {
  vi.useRealTimers()
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

it('is told everything by the next thread though it asks while an idle one still ends', async () => {
  const folder = await testFolder()
  folders.push(folder)
  await mkdir(join(folder, 'lab'))
  await writeFile(join(folder, 'lab', 'a.gguf'), 'GGUF')
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const names = async () => (await walkFolder(folder, 4)).files.map(({ at }) => at)
  expect(await names()).toEqual(['lab/a.gguf'])
  vi.advanceTimersByTime(60_000)
  expect(await names()).toEqual(['lab/a.gguf'])
  expect(await names()).toEqual(['lab/a.gguf'])
})
