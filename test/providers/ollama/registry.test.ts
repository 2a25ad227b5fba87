/** The registry of one model for one pull: what it serves, and that it serves nothing else. */

import { mkdtemp, rm } from 'node:fs/promises'
import { request as send } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type ModelManifest, modelManifest, sizeLabel } from '../../../src/providers/ollama/model-manifest.ts'
import { isRegistryName, type ModelRegistry, openRegistry } from '../../../src/providers/ollama/model-registry.ts'
import { fileIn, modelOf, weights } from './with-store.ts'

interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

interface Open {
  readonly registry: ModelRegistry
  readonly manifest: ModelManifest
  /** Below its own path, unless it begins with a `/`. */
  ask(path: string, over?: { method?: string; headers?: Record<string, string> }): Promise<Reply>
}

async function withRegistry(run: (open: Open) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'modelyard-registry-'))
  const manifest = modelManifest(modelOf(await fileIn(folder, 'tiny.gguf', weights('0123456789'))))
  const registry = await openRegistry(manifest, 'tiny:q4')
  const [host = '', namespace = ''] = registry.listedName.split('/')
  const port = Number(host.split(':')[1])
  const ask: Open['ask'] = (path, { method = 'GET', headers = {} } = {}) =>
    new Promise((resolve, reject) => {
      const full = path.startsWith('/') ? path : `/v2/${namespace}/tiny/${path}`
      const asking = send(
        { host: '127.0.0.1', port, path: full, method, headers: { host, ...headers }, agent: false },
        async (response) => {
          let body = ''
          for await (const chunk of response) body += chunk
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body })
        },
      )
      asking.once('error', reject).end()
    })
  try {
    await run({ registry, manifest, ask })
  } finally {
    await registry[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  }
}

const blobOf = ({ files }: ModelManifest): string => `blobs/sha256:${files[0]?.sha256}`
const led = ({ listedName }: ModelRegistry): Record<string, string> => ({
  host: (listedName.split('/')[0] ?? '').replace('127.0.0.1', 'localhost'),
})

describe('the registry of one model', () => {
  it('serves the manifest, and leads to another host name, which serves ranges', async () => {
    await withRegistry(async ({ registry, manifest, ask }) => {
      expect(registry.asked).toBe(false)
      const told = await ask('manifests/q4')
      expect([told.status, told.headers['content-type']]).toEqual([200, 'application/vnd.docker.distribution.manifest.v2+json'])
      expect(told.body).toBe(manifest.bytes.toString())
      expect(JSON.parse(told.body)).toMatchObject({
        schemaVersion: 2,
        layers: [{ mediaType: 'application/vnd.ollama.image.model', size: 15 }],
      })
      expect([registry.asked, registry.sentBytes]).toEqual([true, 0])

      const head = await ask(blobOf(manifest), { method: 'HEAD' })
      expect([head.status, head.headers['content-length'], head.body]).toEqual([200, '15', ''])
      const leading = await ask(blobOf(manifest))
      expect([leading.status, leading.body]).toEqual([307, ''])
      const target = new URL(String(leading.headers.location))
      expect(target.hostname).toBe('localhost')
      const part = await ask(target.pathname, { headers: { ...led(registry), range: 'bytes=5-9' } })
      expect([part.status, part.body, part.headers['content-range']]).toEqual([206, '01234', 'bytes 5-9/15'])
      const whole = await ask(target.pathname, { headers: led(registry) })
      expect([whole.status, whole.body, registry.sentBytes]).toEqual([200, 'GGUF 0123456789', 20])
      const config = await ask(`blobs/sha256:${manifest.config.sha256}`, { headers: { ...led(registry), range: 'bytes=0-14' } })
      expect([config.body, registry.sentBytes]).toEqual(['{"model_format"', 20])
    })
  })

  it.each([
    ['another path', '/', {}],
    ['a namespace that is guessed', '/v2/library/tiny/manifests/q4', {}],
    ['another tag', 'manifests/latest', {}],
    ['another blob', `blobs/sha256:${'0'.repeat(64)}`, {}],
    ['a climbing path', 'blobs/../../../etc/passwd', {}],
    ['another host name', 'manifests/q4', { headers: { host: 'evil.example' } }],
    ['a page', 'manifests/q4', { headers: { origin: 'http://127.0.0.1' } }],
    ['a page that hides', 'manifests/q4', { headers: { 'sec-fetch-site': 'none' } }],
    ['a push', 'manifests/q4', { method: 'PUT' }],
  ])('refuses %s without a word', async (_, path, over) => {
    await withRegistry(async ({ registry, ask }) => {
      const { status, body } = await ask(path, over)
      expect([status, body, registry.asked, registry.sentBytes]).toEqual([404, '', false, 0])
    })
  })

  it.each(['bytes=15-', 'bytes=9-5', 'bytes=-5', 'bytes=0-1,3-4', 'lines=0-1'])(
    'says of the range %s that there is none',
    async (range) => {
      await withRegistry(async ({ registry, manifest, ask }) => {
        const path = `/v2/${registry.listedName.split('/')[1]}/tiny/${blobOf(manifest)}`
        const { status, headers } = await ask(path, { headers: { ...led(registry), range } })
        expect([status, headers['content-range']]).toEqual([416, 'bytes */15'])
      })
    },
  )

  it('serves sixteen parts at once, as many as Ollama fetches, without a warning', async () => {
    await withRegistry(async ({ registry, manifest, ask }) => {
      const warnings: Error[] = []
      const note = (warning: Error): void => void warnings.push(warning)
      process.on('warning', note)
      const path = `/v2/${registry.listedName.split('/')[1]}/tiny/${blobOf(manifest)}`
      const parts = Array.from({ length: 16 }, (_, at) => ask(path, { headers: { ...led(registry), range: `bytes=${at % 15}-14` } }))
      expect((await Promise.all(parts)).map(({ body }) => body.length)).toEqual(Array.from({ length: 16 }, (_, at) => 15 - (at % 15)))
      await new Promise((resolve) => setImmediate(resolve))
      process.off('warning', note)
      expect(warnings).toEqual([])
    })
  })

  it('is gone when it is closed, also for who is in the middle, and never has a name twice', async () => {
    await withRegistry(async ({ registry, manifest, ask }) => {
      await using other = await openRegistry(manifest, 'tiny:q4')
      expect(other.listedName.split('/')[1]).not.toBe(registry.listedName.split('/')[1])
      expect([isRegistryName(registry.listedName), isRegistryName('tiny:q4'), isRegistryName('127.0.0.1:5000/lib/tiny:latest')]).toEqual([
        true,
        false,
        false,
      ])
      await ask('manifests/q4')
      await registry[Symbol.asyncDispose]()
      await expect(ask('manifests/q4')).rejects.toThrow(/ECONNREFUSED|ECONNRESET/)
    })
  })

  it('words the number of parameters as Ollama does', () => {
    expect([0, 999, 123_200, 596_049_920, 8_000_000_000, 8_190_735_360].map(sizeLabel)).toEqual([
      '0',
      '999',
      '123K',
      '596.05M',
      '8B',
      '8.2B',
    ])
  })
})
