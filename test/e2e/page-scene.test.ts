/** The scene in which the page is tested: what is around the service is there, and the service comes back where it was. */
import { describe, expect, it } from 'vitest'
import { createClient } from '../../src/client/index.ts'
import { embeddedRefOf, repos } from '../support/page-models.ts'
import { type PageSurroundings, pageScene, type ServedPage } from '../support/page-scene.ts'
import { gone } from '../support/processes.ts'
import { serviceProcess } from '../support/service-process.ts'

const clientOf = ({ url, token }: ServedPage & PageSurroundings) => createClient({ url, token })

describe('a scene for the page', () => {
  it('has engines with models that differ in size and quantization, one that cannot be loaded, and a Hub with three repositories', async () => {
    await using scene = await pageScene()
    const client = clientOf(scene)
    const { models } = await client.models.list()
    expect(models.map(({ ref, sizeBytes, quantization, parameters }) => [ref, sizeBytes, quantization, parameters])).toEqual(
      expect.arrayContaining([
        ['ollama/qwen3:8b', 5.2e9, 'Q4_K_M', '8.2B'],
        ['ollama/gemma3:12b', 8.1e9, 'Q8_0', '12.2B'],
        ['lmstudio/mistralai/devstral-small', 19.3e9, 'Q6_K', '24B'],
      ]),
    )
    expect(models).toHaveLength(6)
    expect(await client.slot('default').switch('qwen3:8b')).toMatchObject({ outcome: 'switched' })
    expect(await client.slot('default').switch('damaged:7b', { policy: 'replace' })).toMatchObject({ outcome: 'rolled_back' })
    expect(scene.ollama.shelf.loads).toContain('damaged:7b')
    const found = await client.hub.search({ words: 'lab' })
    expect(found.map(({ repo, gated }) => [repo, gated])).toEqual([
      [repos.many, false],
      [repos.one, false],
      [repos.gated, 'manual'],
    ])
    expect((await client.hub.repository(repos.many)).quantizations).toHaveLength(5)
  })

  it('has as many models as are wanted', async () => {
    await using scene = await pageScene({ models: 5000 })
    const { models } = await clientOf(scene).models.list({ provider: 'ollama' })
    expect(new Set(models.map(({ ref }) => ref)).size).toBe(5000)
    expect(new Set(models.map(({ quantization }) => quantization)).size).toBe(5)
  })

  it('has none where a first run is to be seen', async () => {
    await using scene = await pageScene({ bare: true })
    expect((await clientOf(scene).models.list()).models).toEqual([])
  })

  it('starts again at the same address with the same token, and the slot serves what it served', async () => {
    await using scene = await pageScene()
    const { url } = scene
    await clientOf(scene).slot('default').switch('llama3.2:3b')
    await scene.stop()
    await expect(fetch(`${url}/healthz`)).rejects.toThrow()
    await scene.start()
    await scene.restart()
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    await expect.poll(async () => (await clientOf(scene).slot('default').get()).ref).toBe('ollama/llama3.2:3b')
    expect(scene.yard.slots.list()).toHaveLength(1)
  })

  it('gets a model from its Hub into both engines', async () => {
    await using scene = await pageScene()
    const job = await clientOf(scene).jobs.start({ repo: repos.many, quantization: 'Q4_K_M', into: ['ollama', 'lmstudio'], switch: false })
    const { state, result } = await job.ended()
    expect([state, result?.refs.map(({ ref, verified }) => [ref, verified])]).toEqual([
      'succeeded',
      [
        ['ollama/birch:q4_k_m', true],
        ['lmstudio/birch', true],
      ],
    ])
    expect(scene.hub.ledger.length).toBeGreaterThan(0)
  })

  it('has tiny models on real llama.cpp', async () => {
    await using scene = await pageScene({ embedded: ['maple'] })
    const client = clientOf(scene)
    expect(await client.slot('default').switch(embeddedRefOf('maple'))).toMatchObject({ outcome: 'switched' })
    const { text } = await client.chat().complete({ messages: [{ role: 'user', content: 'Hi' }], maxTokens: 5 })
    expect(text).toBe('maple')
  }, 60_000)
})

describe('a service as a process', () => {
  it('is killed and started again at the same address with what it knew', async () => {
    await using service = await serviceProcess()
    const { pid, url } = service
    expect(await clientOf(service).slot('default').switch('qwen3:8b')).toMatchObject({ outcome: 'switched' })
    await service.kill()
    await gone(pid)
    await expect(fetch(`${url}/healthz`)).rejects.toThrow()
    await service.start()
    expect(service.pid).not.toBe(pid)
    await expect.poll(async () => (await clientOf(service).slot('default').get()).ref).toBe('ollama/qwen3:8b')
    await service.restart()
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
  }, 60_000)
})
