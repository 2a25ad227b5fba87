/** Lists answer while a provider hangs: slots first, then whatever is known meanwhile. */
import { afterEach, describe, expect, it } from 'vitest'
import { type Engines, refs, slots, threeEngines } from './engines.ts'

let engines: Engines
afterEach(() => engines[Symbol.asyncDispose]())

const all = [refs.openai, refs.ollama, refs.llama]

/** The names in a list, in its order. */
async function namesIn(path: string, headers: Record<string, string> = {}): Promise<string[]> {
  const answer = await engines.scene.ask(path, undefined, { headers })
  expect(answer.status).toBe(200)
  const body = (await answer.json()) as { data?: { id: string }[]; models?: { name: string }[] }
  return body.data?.map(({ id }) => id) ?? body.models?.map(({ name }) => name) ?? []
}

const lists: readonly (readonly [string, Record<string, string>])[] = [
  ['/v1/models', {}],
  ['/v1/models', { 'anthropic-version': '2023-06-01' }],
  ['/api/tags', {}],
]

describe.each(lists)('%s %j', (path, headers) => {
  it('has every slot and every model, slots first', async () => {
    engines = await threeEngines()
    const names = await namesIn(path, headers)
    expect(names.slice(0, 4)).toEqual(['default', ...slots])
    expect(names.slice(4).sort()).toEqual([...all].sort())
  })

  it.each(slots)('answers while %s hangs', async (slot) => {
    engines = await threeEngines({ limits: { listMs: 200 } })
    engines[slot].faults.add({ method: 'GET', fault: { kind: 'never' } })
    const names = await namesIn(path, headers)
    expect(names.slice(0, 4)).toEqual(['default', ...slots])
    expect(names.slice(4).sort()).toEqual(all.filter((ref) => ref !== refs[slot]).sort())
  })
})
