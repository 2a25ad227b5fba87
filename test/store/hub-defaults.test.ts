/** What holds for downloads is told with where it comes from, also where nobody has said anything. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { resolveSettings } from '../../src/store/settings.ts'

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'modelyard-hub-'))
})
afterEach(() => rm(home, { recursive: true }))

it('each limit of downloads has a value and a source', async () => {
  const { sources } = await resolveSettings({ env: {}, options: { home, hub: { downloadsAtOnce: 4 } } })
  const told = sources.filter(({ name }) => name.startsWith('hub.')).map(({ name, value, source }) => [name, value, source])
  expect(told).toEqual([
    ['hub.downloadsAtOnce', 4, 'file'],
    ['hub.connections', 8, 'default'],
    ['hub.bytesPerSecond', null, 'default'],
  ])
})
