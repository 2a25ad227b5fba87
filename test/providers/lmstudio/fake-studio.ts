import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Asked, type ScriptedEngine, scriptedEngine, sendEvents, sendJson } from '../openai-chat/scripted-engine.ts'

export interface Studio extends AsyncDisposable {
  readonly engine: ScriptedEngine
  readonly instances: Map<string, { key: string; context: number }>
  /** Answers the loads that wait; only where `holdLoads` was set. */
  releaseLoads(): void
}

export interface StudioScript {
  readonly level?: 'v1' | 'v0' | 'openai'
  readonly loaded?: Record<string, { key: string; context: number }>
  readonly failLoad?: object
  /** The engine gives a model at most this context, whatever was asked for. */
  readonly maxContext?: number
  readonly holdLoads?: boolean
  readonly token?: string
}

/** Keys of the models that it has; the last is an embedding model. */
export const keys = ['qwen/qwen3-8b', 'llava-7b', 'text-embedding-nomic'] as const

/** LM Studio by its documentation: unknown addresses answer 200, a second load makes a second instance. */
export async function fakeStudio(script: StudioScript = {}): Promise<Studio> {
  const level = script.level ?? 'v1'
  const instances = new Map(Object.entries(script.loaded ?? {}))
  const held: (() => void)[] = []
  const of = (key: string) => [...instances].filter(([, one]) => one.key === key)

  const v1 = () => ({
    models: keys.map((key, index) => ({
      type: index === 2 ? 'embedding' : 'llm',
      key,
      display_name: `Model ${index}`,
      architecture: index === 2 ? 'nomic-bert' : 'qwen3',
      quantization: { name: 'Q4_K_M', bits_per_weight: 4 },
      size_bytes: 5_000_000_000,
      params_string: '8B',
      max_context_length: 40960,
      format: 'gguf',
      ...(index < 2 && {
        capabilities: {
          vision: index === 1,
          trained_for_tool_use: true,
          ...(index === 0 && { reasoning: { allowed_options: ['off', 'on'], default: 'on' } }),
        },
      }),
      loaded_instances: of(key).map(([id, { context }]) => ({ id, config: { context_length: context } })),
    })),
  })
  const v0 = () => ({
    object: 'list',
    data: keys.map((id, index) => ({
      id,
      object: 'model',
      type: ['llm', 'vlm', 'embeddings'][index],
      arch: 'qwen3',
      compatibility_type: 'gguf',
      quantization: 'Q4_K_M',
      state: of(id).length > 0 ? 'loaded' : 'not-loaded',
      max_context_length: 40960,
      ...(of(id)[0] && { loaded_context_length: of(id)[0]?.[1].context }),
    })),
  })

  const load = ({ body }: Asked, response: ServerResponse) => {
    const key = String(body.model)
    if (script.failLoad) return sendJson(response, 500, { error: script.failLoad })
    if (!keys.some((one) => one === key))
      return sendJson(response, 404, { error: { type: 'model_not_found', message: `Model ${key} not found` } })
    const id = of(key).length === 0 ? key : `${key}:${of(key).length + 1}`
    const context = Math.min(Number(body.context_length ?? 4096), script.maxContext ?? Number.POSITIVE_INFINITY)
    const answer = (): void => {
      instances.set(id, { key, context })
      sendJson(response, 200, {
        type: 'llm',
        instance_id: id,
        load_time_seconds: 1,
        status: 'loaded',
        load_config: { context_length: context },
      })
    }
    if (script.holdLoads) held.push(answer)
    else answer()
  }
  const unload = ({ body }: Asked, response: ServerResponse): void => {
    const known = instances.delete(String(body.instance_id))
    if (known) sendJson(response, 200, { instance_id: body.instance_id })
    else sendJson(response, 404, { error: { type: 'model_not_found', message: 'No such instance' } })
  }
  const chat = ({ body }: Asked, response: ServerResponse): void => {
    const chunk = (delta: object, finish: string | null) =>
      `data: ${JSON.stringify({ model: body.model, choices: [{ delta, finish_reason: finish }] })}\n\n`
    sendEvents(response, [
      chunk({ role: 'assistant', content: '' }, null),
      chunk({ reasoning_content: 'hm' }, null),
      chunk({ content: 'Hello' }, null),
      chunk({}, 'stop'),
      'data: [DONE]\n\n',
    ])
  }

  const routes: Record<string, (asked: Asked, response: ServerResponse) => void> = {
    'GET /lmstudio-greeting': (_, response) => sendJson(response, 200, { lmstudio: true }),
    'GET /v1/models': (_, response) =>
      sendJson(response, 200, { object: 'list', data: keys.map((id) => ({ id, object: 'model', owned_by: 'organization_owner' })) }),
    'POST /v1/chat/completions': chat,
    ...(level !== 'openai' && { 'GET /api/v0/models': (_: Asked, response: ServerResponse) => sendJson(response, 200, v0()) }),
    ...(level === 'v1' && {
      'GET /api/v1/models': (_: Asked, response: ServerResponse) => sendJson(response, 200, v1()),
      'POST /api/v1/models/load': load,
      'POST /api/v1/models/unload': unload,
    }),
  }
  const engine = await scriptedEngine((asked, response) => {
    const line = `${asked.method} ${asked.path}`
    const open =
      script.token === undefined || asked.path === '/lmstudio-greeting' || asked.headers.authorization === `Bearer ${script.token}`
    if (!open) return sendJson(response, 401, { error: { type: 'invalid_request', message: 'A valid API token is required' } })
    const route = routes[line]
    if (route) route(asked, response)
    else sendJson(response, 200, { error: `Unexpected endpoint or method. (${line}). Returning 200 anyway` })
  })
  return {
    engine,
    instances,
    releaseLoads: () => {
      for (const answer of held.splice(0)) answer()
    },
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  }
}

export interface UserHome extends AsyncDisposable {
  readonly path: string
  readonly lms: string
  /** The arguments the command was called with, one call per line. */
  readonly log: string
}

/** A home with LM Studio's folder in it; `lms` notes its arguments and then runs `code`. */
export async function userHome(code?: string): Promise<UserHome> {
  const path = await mkdtemp(join(tmpdir(), 'modelyard-lmstudio-'))
  const bin = join(path, '.lmstudio', 'bin')
  const lms = join(bin, 'lms')
  const log = join(path, 'calls.txt')
  await mkdir(bin, { recursive: true })
  if (code !== undefined) {
    const text = `#!${process.execPath}\nrequire('node:fs').appendFileSync(${JSON.stringify(log)}, process.argv.slice(2).join(' ') + ' ' + (process.env.MODELYARD_TOKEN ?? '') + '\\n')\n${code}\n`
    await writeFile(lms, text)
    await chmod(lms, 0o755)
  }
  return { path, lms, log, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
