/** Files of one model are placed together, and a failure says what it had to leave. */
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { expect, it } from 'vitest'
import { performPlacement } from '../../src/providers/place-model.ts'
import { asOtherUser, canBeOther } from '../support/as-other-user.ts'
import { filesBelow, modelIn } from '../support/import-model.ts'
import { smallVolume } from '../support/other-volume.ts'

it('what has to be copied and does not fit is refused before a byte, all files together', async () => {
  const volume = await smallVolume(4 * 1024 * 1024)
  if (!volume) return
  await using _ = volume
  const base = await mkdtemp(join(tmpdir(), 'modelyard-placement-'))
  try {
    const content = 'x'.repeat(3 * 1024 * 1024)
    const { weights } = await modelIn(join(base, 'library'), { weights: { 'a.gguf': content, 'b.gguf': content } })
    const targets = weights.map((file) => ({ file, to: join(volume.folder, 'lab/repo', file.name) }))
    const [told, copied]: [string[], number[]] = [[], []]
    const failed = performPlacement(
      { root: volume.folder, targets },
      {
        signal: AbortSignal.timeout(20_000),
        onAdding: async ({ what }) => void told.push(basename(what)),
        onProgress: (bytes) => void copied.push(bytes),
      },
    )
    await expect(failed).rejects.toMatchObject({ code: 'disk_full', details: { volumes: [{ neededBytes: 2 * content.length }] } })
    expect([[...new Set(told)], copied, await filesBelow(volume.folder)]).toEqual([['a.gguf'], [], []])
  } finally {
    await rm(base, { recursive: true, force: true })
  }
})

it.skipIf(!canBeOther)('says what could not be taken back, beside why it failed', async () => {
  const base = await mkdtemp(join(tmpdir(), 'modelyard-placement-'))
  try {
    const root = join(base, 'models')
    await mkdir(root)
    for (const folder of [base, root]) await chmod(folder, 0o777)
    const { weights } = await modelIn(join(base, 'library'), { weights: { 'a.gguf': 'first', 'b.gguf': 'second' } })
    const targets = weights.map((file) => ({ file, to: join(root, 'lab/repo', file.name) }))
    const said = await asOtherUser(`
      const { performPlacement } = await load('providers/place-model.ts')
      const { chmodSync } = await import('node:fs')
      const [root, targets] = ${JSON.stringify([root, targets])}
      const onAdding = async ({ what }) => { if (what.endsWith('b.gguf')) chmodSync(root + '/lab/repo', 0o555) }
      const failed = await performPlacement({ root, targets }, { signal: AbortSignal.timeout(20000), onAdding }).catch((error) => error)
      console.log(failed.code + ' ' + failed.message)`)
    expect(said).toMatch(/^conflict The file could not be put there \(E\w+\)\. What had been put there could not be removed: /)
    expect(await filesBelow(root)).toEqual(['lab/repo/a.gguf'])
  } finally {
    await rm(base, { recursive: true, force: true })
  }
})
