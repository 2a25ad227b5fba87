/** What LM Studio downloads itself is followed, and its end believed only when it lists the model. */
import { describe, expect, it } from 'vitest'
import { code, type Scene, withStudio } from './with-studio.ts'

describe('LM Studio’s own download', () => {
  const pull = async ({ provider }: Scene, name: string): Promise<[string, number, number | undefined][]> => {
    const parts: [string, number, number | undefined][] = []
    if (!provider.pull) throw new TypeError('it pulls nothing')
    for await (const { status, bytesDone, bytesTotal } of provider.pull(name, AbortSignal.timeout(20_000)))
      parts.push([status, bytesDone, bytesTotal])
    return parts
  }
  const quick = { pauseMs: 1 }
  /** What its last news says that it is called. */
  const nameOf = async ({ provider }: Scene, asked: string): Promise<string | undefined> => {
    const told: (string | undefined)[] = []
    for await (const { name } of provider.pull?.(asked, AbortSignal.timeout(20_000)) ?? []) told.push(name)
    expect(told.slice(0, -1).every((name) => name === undefined)).toBe(true)
    return told.at(-1)
  }

  it('is followed until it is listed, and never goes backwards', async () => {
    const downloads = [
      { status: 'downloading', total_size_bytes: 100 },
      { status: 'downloading', total_size_bytes: 100, downloaded_bytes: 60 },
      { status: 'downloading', total_size_bytes: 100, downloaded_bytes: 40 },
      { status: 'completed', total_size_bytes: 100, lists: 'qwen/qwen3-8b' },
    ]
    await withStudio({ downloads, limits: quick }, async (scene) => {
      expect(await pull(scene, 'qwen/qwen3-8b')).toEqual([
        ['downloading', 0, 100],
        ['downloading', 60, 100],
        ['downloading', 60, 100],
        ['completed', 100, 100],
      ])
      for await (const _ of scene.provider.pull?.('https://hub.invalid/lab/Tiny-GGUF@Q8_0', AbortSignal.timeout(20_000)) ?? []) break
      const asked = scene.engine.ledger.filter(({ path }) => path === '/api/v1/models/download').map(({ body }) => body)
      expect(asked).toEqual([{ model: 'qwen/qwen3-8b' }, { model: 'https://hub.invalid/lab/Tiny-GGUF', quantization: 'Q8_0' }])
    })
  })

  it.each([
    ['an address', 'https://hub.invalid/lab/Tiny-GGUF@Q8_0', 'tiny@q8_0', ['tiny@q4_k_m']],
    ['an address of what has no variant in its name', 'https://hub.invalid/lab/Tiny-GGUF@Q4_K_M', 'tiny', []],
    ['an address, beside another download that ends', 'https://hub.invalid/lab/Tiny-GGUF', 'lab/tiny', ['other']],
    ['a name of its catalogue', 'qwen/qwen3-8b', 'qwen3-8b@q4_k_m', ['tiny']],
    ['a name that the list does not know', 'qwen/qwen3-8b', 'qwen-3', ['tiny']],
  ])('of %s is told under the name that the list has', async (_, asked, lists, before) => {
    const downloads = [{ status: 'downloading' }, { status: 'completed', lists }]
    await withStudio({ downloads, limits: quick, models: before.map((name) => ({ name })) }, async (scene) => {
      expect(await nameOf(scene, asked)).toBe(lists)
      expect((await scene.provider.list(AbortSignal.timeout(20_000))).map(({ name }) => name)).toContain(lists)
    })
  })

  it('of what is there already is told too, and it cannot be stopped', async () => {
    const models = [{ name: 'tiny@q4_k_m' }, { name: 'tiny@q8_0' }]
    await withStudio({ downloads: [{ status: 'already_downloaded' }], limits: quick, models }, async (scene) => {
      expect(await nameOf(scene, 'https://hub.invalid/lab/Tiny-GGUF@Q8_0')).toBe('tiny@q8_0')
      expect(scene.provider.pullStops).toBe(false)
    })
  })

  it.each([
    ['has failed', [{ status: 'downloading' }, { status: 'failed' }], 'import_failed'],
    ['was paused by somebody', [{ status: 'downloading' }, { status: 'paused' }], 'import_failed'],
    ['says it is there and does not list it', [{ status: 'already_downloaded' }], 'import_failed'],
    ['says what nobody knows', [{ status: 'thinking' }], 'provider_protocol'],
    ['does not know the name', [], 'model_not_found'],
  ])('that %s is said to', async (_, downloads, expected) => {
    await withStudio({ downloads, limits: { ...quick, listedMs: 300 } }, async (scene) => {
      await expect(pull(scene, 'qwen/qwen3-8b')).rejects.toMatchObject(code(expected))
    })
  })

  it('is refused by a version that has none, and left when it is not wanted any more', async () => {
    await withStudio({ level: 'v0' }, async (scene) => {
      expect(scene.provider.capabilities.pull).toBe(false)
      await expect(pull(scene, 'qwen/qwen3-8b')).rejects.toMatchObject(code('unsupported_operation'))
    })
    await withStudio({ downloads: [{ status: 'downloading' }], limits: { pauseMs: 60_000 } }, async ({ provider }) => {
      const abort = new AbortController()
      const left = async (): Promise<void> => {
        for await (const _ of provider.pull?.('qwen/qwen3-8b', abort.signal) ?? []) abort.abort()
      }
      await expect(left()).rejects.toMatchObject(code('cancelled'))
    })
  })
})
