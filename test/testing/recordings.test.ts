/** The fakes against the recordings: the same request in the same state is answered alike in status, kind and shape. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fakeLlamaServer } from '../../src/testing/fakes/fake-llama-server.ts'
import type { FakeModel } from '../../src/testing/fakes/fake-models.ts'
import { fakeOllama } from '../../src/testing/fakes/fake-ollama.ts'
import type { FakeServer } from '../../src/testing/fakes/fake-server.ts'

interface Recording {
  readonly request: { readonly method: string; readonly path: string; readonly body?: unknown; readonly headers?: Record<string, string> }
  readonly response: {
    readonly status: number
    readonly headers: Record<string, string>
    readonly json?: unknown
    readonly text?: string
    readonly chunks?: readonly string[]
  }
}

const root = new URL('../../src/testing/recorded/', import.meta.url).pathname
const read = (folder: string): [string, Recording][] =>
  readdirSync(join(root, folder))
    .sort()
    .map((name) => [name, JSON.parse(readFileSync(join(root, folder, name), 'utf8')) as Recording])

/** The keys of an answer with their types; of lists the first member. What only some answers have is left out. */
function shapeOf(value: unknown, optional: readonly string[]): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0], optional)]
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value
  const entries = Object.entries(value).filter(([key]) => !optional.includes(key))
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, one]) => [key, shapeOf(one, optional)]))
}

/** What the fakes leave out: measurements and parts nobody reads. */
const unread = [
  'total_duration',
  'load_duration',
  'prompt_eval_count',
  'prompt_eval_duration',
  'eval_count',
  'eval_duration',
  'timings',
  'license',
  'modelfile',
  'tensors',
  'parameters',
  'params',
  'system',
  'messages',
  'model_info',
  'quantization_version',
  'ui',
  'ui_settings',
  'endpoint_slots',
  'endpoint_props',
  'endpoint_metrics',
  'media_marker',
  'chat_template',
  'chat_template_caps',
  'bos_token',
  'eos_token',
  'eog_token',
  'is_sleeping',
  'cors_proxy_enabled',
  'webui',
  'webui_settings',
  'build_info',
  'preset',
  'args',
  'exit_code',
  'failed',
  'meta',
  'logprobs',
  'id_slot',
  'requires',
  'details',
  'template',
  'system_fingerprint',
  'usage',
]

async function compare(engine: FakeServer, { request, response }: Recording): Promise<void> {
  // The recordings abbreviate the prompt that was too long.
  const body =
    request.body === undefined
      ? undefined
      : typeof request.body === 'string'
        ? request.body
        : JSON.stringify(request.body).replace('…', 'word '.repeat(5000))
  const answer = await fetch(engine.url + request.path, {
    method: request.method,
    ...(body !== undefined && { body, headers: { 'content-type': 'application/json' } }),
  })
  const text = await answer.text()
  expect(answer.status).toBe(response.status)
  if (response.headers['content-type'])
    expect(answer.headers.get('content-type')?.split(';')[0]).toBe(response.headers['content-type'].split(';')[0])
  if (response.json !== undefined) expect(shapeOf(JSON.parse(text), unread)).toEqual(shapeOf(response.json, unread))
  if (response.chunks) expect(linesOf(text)).toEqual(linesOf(response.chunks.join('')))
}

/** The kinds of lines of a stream, in order, each once in a row. */
function linesOf(text: string): string[] {
  const kinds = text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('event: '))
    .map((line) => {
      const data = line.replace(/^data: /, '')
      if (data === '[DONE]') return data
      const shape = JSON.parse(data) as {
        done?: boolean
        choices?: { finish_reason?: unknown; delta?: { content?: unknown; role?: unknown } }[]
      }
      if (shape.choices) return `chunk ${shape.choices.length === 0 ? 'usage' : shape.choices[0]?.finish_reason ? 'finish' : 'part'}`
      return `line ${Object.keys(shape)
        .filter((key) => !unread.includes(key) && key !== 'response')
        .sort()
        .join()} ${shape.done}`
    })
  return kinds.filter((kind, index) => kind !== kinds[index - 1])
}

const ollama: readonly FakeModel[] = [
  { name: 'tiny-a', contextLength: 512 },
  { name: 'tiny-b:v1', contextLength: 512 },
]
/** Of the routes that the fake has: those that concern creating and raw generation it has not. */
const ollamaFiles = /^(?:01|03|19|20|22|24|26|27|28|32|33|34|35|36|38|39|40|42|43|45|47|49|51|52|54|57|58|59|60|62|63|69|72|73)-/

describe('the fake Ollama answers as the recorded one', () => {
  it.each(read('ollama/0.32.15').filter(([name]) => ollamaFiles.test(name)))('%s', async (_, recording) => {
    await using engine = await fakeOllama({ models: ollama })
    await compare(engine, recording)
  })

  it('and has nothing when it has nothing', async () => {
    await using engine = await fakeOllama()
    for (const [name, recording] of read('ollama/0.32.15')) if (/^(?:04|05|06)-/.test(name)) await compare(engine, recording)
  })

  it('a failed load evicts what worked', async () => {
    await using engine = await fakeOllama({ models: [{ name: 'good' }, { name: 'broken', broken: true }], maxLoaded: 1 })
    await fetch(`${engine.url}/api/generate`, { method: 'POST', body: '{"model":"good"}' })
    for (const [name, recording] of read('ollama/0.32.15-faults')) if (/^(?:03|04)-/.test(name)) await compare(engine, recording)
  })

  it('foreign hosts and pages get 403 without a word, Tauri does not', async () => {
    await using engine = await fakeOllama({ models: ollama })
    for (const [origin, status] of [
      ['https://evil.example', 403],
      ['tauri://localhost', 200],
    ] as const) {
      const answer = await fetch(`${engine.url}/api/tags`, { headers: { origin } })
      expect([answer.status, status === 403 ? await answer.text() : '']).toEqual([status, ''])
    }
  })
})

const llama: readonly FakeModel[] = [
  { name: 'junk', broken: true },
  { name: 'tiny-a', contextLength: 512 },
  { name: 'tiny-b', contextLength: 512 },
]

describe('the fake llama-server answers as the recorded one', () => {
  it.each(read('llama-server/0c1e570').filter(([name]) => /^(?:01|02|03|04|05|08|09|10|11|12|13|14|15|18|20|21|22|23)-/.test(name)))(
    '%s',
    async (_, recording) => {
      await using engine = await fakeLlamaServer({ models: [{ name: 'tiny-a', contextLength: 512 }] })
      await compare(engine, recording)
    },
  )

  it.each(read('llama-server/0c1e570-router').filter(([name]) => /^(?:01|02|03|04|05|09|10|12|13|14|16|17|20)-/.test(name)))(
    'router: %s',
    async (_, recording) => {
      await using engine = await fakeLlamaServer({ models: llama, router: true, maxLoaded: 1 })
      await compare(engine, recording)
    },
  )
})
