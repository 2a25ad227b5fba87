/** Two homes with one library, each its own process: one download for both, whoever dies. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Bundled, bundled } from '../support/bundled.ts'
import { type Killable, startKillable } from '../support/killable.ts'
import { longTiny, repo, request, type Surroundings, surroundings } from './engines.ts'
import type { Said, Task } from './fixtures/yard.ts'

let program: Bundled
beforeAll(async () => {
  program = await bundled(join(import.meta.dirname, 'fixtures/yard.ts'))
})
afterAll(() => program[Symbol.asyncDispose]())

const files = [{ path: 'tiny-Q4_0.gguf', content: longTiny }]
const slowly = (): Promise<Surroundings> => surroundings({ files, hub: { repositories: [{ repo, files }], bytesPerSecond: 4e6 } })
const libraryOf = ({ folders }: Surroundings): string => join(folders.root, 'library')

function start(around: Surroundings, home: string, into: string): Killable<Said> {
  const settings = { ...around.settings, home: join(around.folders.root, home), library: libraryOf(around) }
  const task: Task = { settings, get: request({ into: [into], switch: false }) }
  return startKillable(program.file, task)
}

/** A run that hangs is told by what it had said. */
const patienceMs = 100_000

async function succeeds(run: Killable<Said>): Promise<void> {
  const code = await Promise.race([run.ended, pause(patienceMs, 'it hangs', { ref: false })])
  expect([code, run.said.at(-1)], JSON.stringify(run.said)).toMatchObject([
    0,
    { ended: { state: 'succeeded', result: { verified: true } } },
  ])
}

/** Of the file one download; headers are read by ranges as well. */
async function isGotOnce(around: Surroundings, links: number): Promise<void> {
  const { folders, hub } = around
  expect(hub.cdn.counts.bytesServed).toBeLessThan(longTiny.length * 1.5)
  const file = join(libraryOf(around), repo, 'tiny-Q4_0.gguf')
  expect(longTiny.equals(await readFile(file))).toBe(true)
  expect((await stat(file)).nlink).toBe(links)
  expect(await readdir(join(libraryOf(around), '.modelyard/partials'))).toEqual([])
  expect(await readdir(join(folders.ollama, 'blobs'))).toHaveLength(2)
}

it.each([
  ['two engines', 'lmstudio', 3],
  ['one engine', 'ollama', 2],
])(
  'two at once get one file into %s with one download',
  async (_, other, links) => {
    await using around = await slowly()
    const runs = [start(around, 'one', 'ollama'), start(around, 'two', other)]
    await Promise.all(runs.map(succeeds))
    await isGotOnce(around, links)
    expect(around.ollama.shelf.models.map(({ name }) => name)).toEqual(['tiny:q4_0'])
  },
  120_000,
)

it('one is killed while the other waits for its download: that one goes on with it', async () => {
  await using around = await slowly()
  const first = start(around, 'one', 'ollama')
  const { counts } = around.hub.cdn
  await first.until((said) => 'stage' in said && said.stage === 'download')
  const second = start(around, 'two', 'lmstudio')
  await second.until((said) => 'stage' in said && said.stage === 'download')
  await counts.untilServed(longTiny.length / 2)
  await first.kill()
  await succeeds(second)
  await succeeds(start(around, 'one', 'ollama'))
  await isGotOnce(around, 3)
})
