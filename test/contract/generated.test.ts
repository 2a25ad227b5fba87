/** What is made from the contract is valid, whole, and checked in as it is made. */
import { readFileSync } from 'node:fs'
import { Validator } from '@seriousme/openapi-schema-validator'
import { describe, expect, it } from 'vitest'
import { generated } from '../../src/api/generated.ts'
import { createHandlers } from '../../src/api/handlers.ts'
import { configFile, errorCodes, routes } from '../../src/contract/index.ts'
import { fieldsPage } from '../../src/gateway/fields-page.ts'
import { parseConfig } from '../../src/store/config-file.ts'

const openapi = (): Record<string, never> => JSON.parse(readFileSync('schema/openapi.json', 'utf8'))

describe('what is generated', () => {
  it.each(Object.entries({ ...generated(), ...fieldsPage() }))('%s is checked in as it is made (npm run generate)', (path, text) => {
    expect(readFileSync(path, 'utf8')).toBe(text)
  })

  it('OpenAPI is valid 3.1', async () => {
    const validator = new Validator()
    const { valid, errors } = await validator.validate(openapi())
    expect(errors ?? []).toEqual([])
    expect([valid, validator.version]).toEqual([true, '3.1'])
  })

  it('every reference in it leads somewhere, and every route is in it', () => {
    const text = JSON.stringify(openapi())
    const components = (openapi() as unknown as { components: Record<string, Record<string, unknown>> }).components
    for (const [, kind, name] of text.matchAll(/"#\/components\/(\w+)\/(\w+)"/g))
      expect(components[kind ?? '']?.[name ?? ''], `${kind}/${name}`).toBeDefined()
    const paths = (openapi() as unknown as { paths: Record<string, Record<string, unknown>> }).paths
    for (const route of Object.values(routes))
      expect(paths[route.path]?.[route.method.toLowerCase()], `${route.method} ${route.path}`).toBeDefined()
    expect(text).not.toContain('$defs')
  })

  it('every route has a handler and every handler a route', () => {
    const handlers = createHandlers({ openapi: () => '', metrics: async () => ({ contentType: '', text: '' }) })
    expect(Object.keys(handlers).sort()).toEqual(Object.keys(routes).sort())
  })

  it('every error code is documented once, with a status and an exit code that exist', () => {
    const page = readFileSync('docs/errors.md', 'utf8')
    for (const [code, entry] of Object.entries(errorCodes)) {
      expect(page.split(`| \`${code}\` |`).length, code).toBe(2)
      expect([code, entry.status >= 400 && entry.status < 600, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 130].includes(entry.exit)]).toEqual([
        code,
        true,
        true,
      ])
    }
  })
})

describe('the configuration', () => {
  const example = `{
    // comments are fine
    "providers": {
      "ollama": { "kind": "ollama", "baseUrl": "http://127.0.0.1:11434", "modelsDir": "/x" },
      "gpu-box": { "kind": "llamacpp", "baseUrl": "http://127.0.0.1:8080", "apiKeyEnv": "BOX_KEY", "modelsDir": "/y" },
      "other": { "kind": "openai-compatible", "baseUrl": "http://127.0.0.1:8000/v1" },
      "embedded": { "kind": "embedded", "threads": 4, "gpu": "auto" },
      "old": { "enabled": false, "kind": "lmstudio", "baseUrl": "http://127.0.0.1:4321" },
    },
    "slots": { "default": { "policy": "auto", "restore": "eager", "queueSeconds": 300, "drainSeconds": 60, "maxRequests": null, "envModel": "MODELYARD_MODEL", "envProvider": "MODELYARD_PROVIDER" } },
    "models": { "ollama/qwen3:8b": { "load": { "contextLength": 8192, "keepAlive": "30m" }, "kind": "chat" } },
    "hub": { "endpoint": "https://huggingface.co", "connections": 8, "downloadsAtOnce": 2, "bytesPerSecond": null },
    "http": { "allowedOrigins": [], "allowedHosts": [], "frameAncestors": [] }
  }`

  it('of the documentation is accepted', () => expect(parseConfig(example, 'c.jsonc').providers?.old).toMatchObject({ enabled: false }))

  it.each([
    ['{\n  "slots": { "default": { "polcy": "auto" } }\n}', '2:', 'perhaps "policy"'],
    ['{\n  "slots": {\n    "default": { "policy": "sometimes" }\n  }\n}', '3:', '"sometimes"'],
    ['{\n  "providers": {\n    "mine": { "baseUrl": "http://127.0.0.1:1" }\n  }\n}', '3:', 'providers.mine.kind'],
    ['{\n  "providers": {\n    "ollama": { "baseUrl": "ftp://x" }\n  }\n}', '3:', 'http or https'],
    ['{\n  "providers": {\n    "ollama": { "baseUrl": "http://user:pass@127.0.0.1" }\n  }\n}', '3:', 'apiKeyEnv'],
    ['{\n  "slots": { "default": { "envModel": "NODE_OPTIONS" } }\n}', '2:', 'read by a shell'],
    ['{\n  "slots": { "default": { "envModel": "PATH" } }\n}', '2:', 'read by a shell'],
    ['{\n  "slots": { "Bad Name": {} }\n}', '2:', 'slot name'],
    ['{\n  "models": {\n', '3:', 'expected'],
    ['{ "hub": 3 }', '1:', '3'],
  ])('says where it is wrong, what was expected and what came: %j', (text, place, words) => {
    expect(() => parseConfig(text, 'c.jsonc')).toThrowError(
      expect.objectContaining({ code: 'invalid_configuration', message: expect.stringContaining(`c.jsonc:${place}`) }),
    )
    expect(() => parseConfig(text, 'c.jsonc')).toThrow(words)
  })

  it('knows no key that its schema does not describe', () => {
    const schema = JSON.parse(readFileSync('schema/modelyard.config.schema.json', 'utf8')) as {
      $defs: { Configuration: { properties: object } }
    }
    expect(Object.keys(schema.$defs.Configuration.properties).sort()).toEqual(Object.keys(configFile.shape).sort())
  })
})
