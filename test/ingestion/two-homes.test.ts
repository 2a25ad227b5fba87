/** Two homes with one library: what one counts on, the other leaves, also while nobody works on it. */
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { HistoryEvent } from '../../src/contract/index.ts'
import { deferred } from '../../src/util/deferred.ts'
import { type TestYard, testYard } from '../support/test-yard.ts'
import { longTiny, repo, request, type SceneOptions, type Surroundings, surroundings } from './engines.ts'

const files = [{ path: 'tiny-Q4_0.gguf', content: longTiny }]
const into = (...ids: string[]) => request({ into: ids, switch: false })
const midway = (event: HistoryEvent): boolean =>
  event.type === 'job.progress' && event.stage === 'download' && event.bytesDone >= 2 ** 20 && event.bytesDone < longTiny.length

interface Homes extends AsyncDisposable {
  readonly around: Surroundings
  readonly library: string
  readonly one: TestYard
  readonly two: TestYard
}

async function homes(options: SceneOptions = {}): Promise<Homes> {
  const around = await surroundings({ files, ...options })
  const library = join(around.folders.root, 'library')
  const yard = (home: string): Promise<TestYard> => testYard({ ...around.settings, home: join(around.folders.root, home), library })
  const [one, two] = await Promise.all([yard('one'), yard('two')])
  return {
    around,
    library,
    one,
    two,
    async [Symbol.asyncDispose]() {
      await Promise.all([one[Symbol.asyncDispose](), two[Symbol.asyncDispose]()])
      await around[Symbol.asyncDispose]()
    },
  }
}

it.each(['gives it to an engine', 'has got it'])('a cancel leaves a file of the library that another home %s', async (when) => {
  await using here = await homes()
  const { ollama, studio } = here.around
  const [verifying, importing] = [deferred<void>(), deferred<void>()]
  ollama.faults.add({ path: '/api/generate', fault: { kind: 'hold', until: verifying.promise }, times: 1 })
  const first = await here.one.yard.jobs.start(into('ollama'))
  await ollama.waitFor(() => ollama.ledger.some(({ path }) => path === '/api/generate'))
  const second = await here.two.yard.jobs.start(into('lmstudio'))
  await here.two.waitFor((event) => event.type === 'job.stage' && event.job.stage === 'check')
  if (when === 'has got it') await second.ended()
  else studio.faults.add({ path: '/api/v1/models', fault: { kind: 'hold', until: importing.promise } })
  expect(await here.one.yard.jobs.cancel(first.id, { partial: 'remove' })).toMatchObject({ state: 'cancelled' })
  verifying.resolve()
  studio.faults.clear()
  importing.resolve()
  expect(await second.ended()).toMatchObject({ state: 'succeeded', result: { verified: true } })
  expect(existsSync(join(here.library, repo, 'tiny-Q4_0.gguf'))).toBe(true)
})

it('the doctor of one home neither shows nor removes what another has paused, until nobody wants it', async () => {
  await using here = await homes({ hub: { repositories: [{ repo, files }], bytesPerSecond: 4e6 } })
  const { one, two } = here
  const partials = async (): Promise<string[]> =>
    (await readdir(join(here.library, '.modelyard/partials'))).filter((name) => name.endsWith('.part'))
  const found = async (): Promise<string[]> => (await one.yard.doctor()).map(({ id }) => id).filter((id) => id.startsWith('partial:'))
  const { id } = await two.yard.jobs.start(into('lmstudio'))
  await two.waitFor(midway)
  await two.yard.jobs.pause(id)
  const [name = ''] = await partials()
  expect(await found()).toEqual([])
  await one.yard.fix([`partial:${name.slice(0, 16)}`])
  expect(await partials()).toEqual([name])
  await two.yard.jobs.cancel(id, { partial: 'keep' })
  expect(await found()).toEqual([`partial:${name.slice(0, 16)}`])
  await one.yard.fix(await found())
  expect([await partials(), await found()]).toEqual([[], []])
})
