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
      await pull(scene, 'https://hub.invalid/lab/Tiny-GGUF@Q8_0').catch(() => undefined)
      const asked = scene.engine.ledger.filter(({ path }) => path === '/api/v1/models/download').map(({ body }) => body)
      expect(asked).toEqual([{ model: 'qwen/qwen3-8b' }, { model: 'https://hub.invalid/lab/Tiny-GGUF', quantization: 'Q8_0' }])
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
