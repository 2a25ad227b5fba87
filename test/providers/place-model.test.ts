/** Files of one model are placed together, and a failure says what it had to leave. */
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { asOtherUser, canBeOther } from '../support/as-other-user.ts'
import { filesBelow, modelIn } from '../support/import-model.ts'

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
