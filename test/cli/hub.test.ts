import { describe, expect, it } from 'vitest'
import { type FakeHubOptions, fakeHub } from '../../src/testing/index.ts'
import { cli, start, temporaryFolder } from './cli-process.ts'
import { configure, tinyEngine } from './tiny-engine.ts'

const repositories: FakeHubOptions['repositories'] = [
  {
    repo: 'pub/Tiny-GGUF',
    licence: 'mit',
    downloads: 12_345,
    gguf: { total: 135e6, architecture: 'llama', context_length: 8192 },
    files: [
      { path: 'tiny-Q4_K_M.gguf', bytes: 100_000_000 },
      { path: 'tiny-Q8_0.gguf', bytes: 150_000_000 },
      { path: 'tiny-F32-00001-of-00002.gguf', bytes: 300_000_000 },
    ],
  },
]

async function machine(tokens: string[] = []) {
  const home = temporaryFolder()
  configure(home, await tinyEngine(['small', 'pub/model']))
  const hub = await fakeHub({ repositories, tokens })
  return { home, hub, env: { HF_ENDPOINT: hub.url } }
}

describe('the Hub from the command line', () => {
  it('search lists repositories, and the curated ones beside them', async () => {
    const { home, hub, env } = await machine()
    await using _ = hub
    const [words, document, curated] = await Promise.all([
      cli(home, ['search', 'tiny', 'gguf'], { env }),
      cli(home, ['search', 'tiny', '--limit', '1', '--json'], { env }),
      cli(home, ['search', 'qwen3', '8b'], { env }),
    ])
    expect(words).toMatchObject({ code: 0, out: expect.stringMatching(/pub\/Tiny-GGUF +135M +8k +12\.3k +mit/) })
    expect(JSON.parse(document.out)).toMatchObject({ results: [{ repo: 'pub/Tiny-GGUF', parameters: 135e6 }] })
    expect(curated).toMatchObject({ code: 0, out: '', err: expect.stringContaining('bartowski/Qwen_Qwen3-8B-GGUF') })
  })

  it('show falls to the Hub for what no provider has', async () => {
    const { home, hub, env } = await machine()
    await using _ = hub
    const [words, document, here, none, local] = await Promise.all([
      cli(home, ['show', 'pub/Tiny-GGUF'], { env }),
      cli(home, ['show', 'pub/Tiny-GGUF', '--json'], { env }),
      cli(home, ['show', 'tiny/pub/model'], { env }),
      cli(home, ['show', 'pub/none'], { env }),
      cli(home, ['show', 'tiny/none'], { env }),
    ])
    expect(words).toMatchObject({ code: 0, out: expect.stringMatching(/Q8_0 +150 MB +1 .*recommended/) })
    expect(words.out).toContain('shards are missing')
    expect(words.err).toContain('weights 0.15 GB')
    expect(JSON.parse(document.out)).toMatchObject({
      repo: 'pub/Tiny-GGUF',
      recommended: 'Q8_0',
      quantizations: [{ fit: { verdict: expect.any(String) } }, {}, {}],
    })
    expect(here).toMatchObject({ code: 0, out: expect.stringContaining('tiny/pub/model') })
    expect(local).toMatchObject({ code: 3, err: expect.stringContaining('not a model of tiny') })
    expect(none).toMatchObject({ code: 3, out: '', err: expect.stringContaining('no repository pub/none') })
  })

  it('says that the Hub is away, and never says the token', async () => {
    const { home, hub, env } = await machine(['hf_secretsecret'])
    const secret = { ...env, HUGGING_FACE_HUB_TOKEN: 'hf_secretsecret' }
    const config = await cli(home, ['config', 'show', '--json'], { env: secret })
    expect(JSON.parse(config.out).settings).toContainEqual({
      name: 'hubToken',
      value: '[set]',
      source: 'variable',
      from: 'HUGGING_FACE_HUB_TOKEN',
    })
    expect(await cli(home, ['search', 'tiny'], { env: secret })).toMatchObject({ code: 0 })
    expect(hub.ledger.at(-1)?.headers.authorization).toBe('Bearer hf_secretsecret')
    await hub.close()
    const away = await cli(home, ['search', 'tiny'], { env: secret })
    expect(away).toMatchObject({ code: 7, out: '', err: expect.stringContaining('The Hub at localhost') })
    expect([config.out, config.err, away.err].join('')).not.toContain('hf_secretsecret')
  })

  it.each([
    [{ HF_ENDPOINT: 'ftp://x' }, 'HF_ENDPOINT'],
    [{ HF_ENDPOINT: 'http://user:secret@127.0.0.1:1' }, 'HF_ENDPOINT'],
    [{ HF_TOKEN: 'a b' }, 'HF_TOKEN'],
  ])('refuses %j', async (env, words) => {
    const refused = await cli(temporaryFolder(), ['search', 'tiny'], { env })
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining(words) })
    expect(refused.err).not.toContain('secret')
  })

  it('a running service is asked, with the Hub that it knows', async () => {
    const { home, hub, env } = await machine()
    await using _ = hub
    await start(home, ['serve', '--json'], { input: 'open', env }).said(/^.*\n/)
    const found = await cli(home, ['search', 'tiny', '--json'], { env: { HF_ENDPOINT: 'http://127.0.0.1:1' } })
    expect(JSON.parse(found.out)).toMatchObject({ results: [{ repo: 'pub/Tiny-GGUF' }] })
  })
})
