import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { buildYard } from '../../src/modelyard.ts'
import { listen } from '../../src/server/listen.ts'
import { holdHome } from '../../src/store/home-lock.ts'
import { openTokenSource } from '../../src/store/token.ts'
import { fakeOllama } from '../../src/testing/fakes/fake-ollama.ts'
import { testSettings } from '../support/test-yard.ts'
import { cli, temporaryFolder } from './cli-process.ts'

it('shows what each loaded model did, over all slots', async () => {
  await using engine = await fakeOllama({ models: [{ name: 'alpha' }, { name: 'beta' }] })
  const home = temporaryFolder()
  const settings = await testSettings({ home, providers: { ollama: { kind: 'ollama', baseUrl: engine.url } } })
  writeFileSync(join(home, 'modelyard.config.jsonc'), '{}')
  const held = await holdHome(home)
  await using yard = await buildYard({ settings, sampleMs: 10 })
  const tokens = await openTokenSource(home)
  const service = await listen({ ...settings, port: 0, yard, tokens, log: () => {} })
  await held.publish({ url: service.url, pid: process.pid })
  try {
    const [idle, none] = await Promise.all([cli(home, ['ps']), cli(home, ['ps', '--json'])])
    expect([idle.out, JSON.parse(none.out)]).toEqual(['', { loaded: [] }])
    await yard.slot('default').switch('alpha')
    const messages = [{ role: 'user' as const, content: 'x' }]
    const sampled = new Promise<void>((resolve) => {
      yard.onEvent(() => yard.usage().reduce((sum, { requests }) => sum + requests, 0) === 3 && resolve())
    })
    await yard.chat().complete({ messages, maxTokens: 20 })
    await yard.chat().complete({ messages, maxTokens: 20, model: 'ollama/alpha' })
    for await (const part of yard.chat().stream({ messages, maxTokens: 100_000 })) if (part.type === 'delta') break
    await sampled
    const [table, document] = await Promise.all([cli(home, ['ps']), cli(home, ['ps', '--json'])])
    expect(table.out).toMatch(/^NAME .* REQUESTS +FIRST TOKEN +TOKENS\/S\nalpha:latest .* 3 +[\d.]+ m?s +[\d.]+[kM]?\n$/)
    expect(JSON.parse(document.out).loaded).toMatchObject([
      { provider: 'ollama', name: 'alpha:latest', usage: { requests: 3, ok: 2, left: 1, errors: {}, seconds: 3600, completionTokens: 40 } },
    ])
    expect(document.out).not.toContain('"slot"')
  } finally {
    tokens.close()
    await service.close(0)
    await held.release()
  }
})
