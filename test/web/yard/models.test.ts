/** The models of the page: which of two readings is believed. */
import { signal } from '@preact/signals'
import { describe, expect, it } from 'vitest'
import { deferred } from '../../../src/util/deferred.ts'
import type { Model, Verbs } from '../../../web/src/sdk.ts'
import { createModels } from '../../../web/src/yard/models.ts'

type Answer = Awaited<ReturnType<Verbs['models']['list']>>
interface Asking extends ReturnType<typeof deferred<Answer>> {
  readonly provider: string | undefined
}

const model = (ref: string): Model => ({
  ref,
  provider: ref.split('/')[0] ?? '',
  name: ref,
  kind: 'chat',
  capabilities: ['completion'],
  loaded: [],
  pinned: false,
  slots: [],
})
const answer = (providers: readonly string[], ...refs: string[]): Answer => ({
  models: refs.map(model),
  providers: providers.map((id) => ({ id, state: 'ready' })),
})
const changed = (provider: string) => ({ seq: 1, at: '2026-01-01T00:00:00.000Z', type: 'models.changed' as const, provider })
/** What promises that are settled have to say is said. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

function scene() {
  const askings: Asking[] = []
  const failures: unknown[] = []
  const list: Verbs['models']['list'] = ({ provider } = {}) => {
    const one = { ...deferred<Answer>(), provider }
    askings.push(one)
    return one.promise
  }
  const known = { slots: signal([]), providers: signal([]) }
  const models = createModels({ models: { list } as Verbs['models'] }, known, (error) => failures.push(error))
  const shown = () => models.all.value?.map(({ ref }) => ref).sort()
  return { askings, failures, models, shown }
}

describe('the models that are shown', () => {
  it('are those of the asking that began last, whichever is answered last', async () => {
    const { askings, models, shown } = scene()
    const all = models.readAll()
    models.onEvent(changed('ollama'))
    expect(askings.map(({ provider }) => provider)).toEqual([undefined, 'ollama'])
    askings[1]?.resolve(answer(['ollama'], 'ollama/new'))
    await settled()
    expect(shown()).toEqual(['ollama/new'])
    askings[0]?.resolve(answer(['ollama', 'lmstudio'], 'ollama/old', 'lmstudio/a'))
    await all
    expect(shown()).toEqual(['lmstudio/a', 'ollama/new'])
    expect(models.outcomes.value.map(({ id }) => id).sort()).toEqual(['lmstudio', 'ollama'])
  })

  it('are not taken from one engine that answers after all have been asked again', async () => {
    const { askings, models, shown } = scene()
    models.onEvent(changed('ollama'))
    const all = models.readAll()
    askings[1]?.resolve(answer(['ollama', 'lmstudio'], 'ollama/new', 'lmstudio/a'))
    await all
    askings[0]?.resolve(answer(['ollama'], 'ollama/old'))
    await settled()
    expect(shown()).toEqual(['lmstudio/a', 'ollama/new'])
  })

  it('are those of the newest answer, an engine that is gone included', async () => {
    const { askings, models, shown } = scene()
    const first = models.readAll()
    askings[0]?.resolve(answer(['ollama', 'gone'], 'ollama/a', 'gone/b'))
    await first
    const second = models.readAll()
    askings[1]?.resolve(answer(['ollama'], 'ollama/c'))
    await second
    expect([shown(), models.outcomes.value.map(({ id }) => id)]).toEqual([['ollama/c'], ['ollama']])
  })

  it('are read once more for what changed meanwhile, also when the reading before it failed', async () => {
    const { askings, failures, models, shown } = scene()
    models.onEvent(changed('ollama'))
    models.onEvent(changed('ollama'))
    expect(askings).toHaveLength(1)
    askings[0]?.reject(new Error('slow'))
    await settled()
    askings[1]?.resolve(answer(['ollama'], 'ollama/a'))
    await settled()
    expect([shown(), failures]).toEqual([['ollama/a'], []])
  })

  it('say it when they could not be read', async () => {
    const { askings, failures, models } = scene()
    models.onEvent(changed('ollama'))
    const error = new Error('lost')
    askings[0]?.reject(error)
    await settled()
    expect(failures).toEqual([error])
  })
})
