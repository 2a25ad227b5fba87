/** The OpenAPI 3.1 document, from the routes and schemas of the contract. Made when the package is built. */
import { z } from 'zod'
import { type Answer, errorCodes, problem, type Route, type RouteName, routes } from '../contract/index.ts'

type Json = Record<string, unknown>

export function describeApi(version: string): Json {
  const schemas: Record<string, Json> = {}
  const refer = createReferrer(schemas)
  const paths: Record<string, Json> = {}
  for (const [name, route] of Object.entries(routes) as [RouteName, Route][]) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(name, route, refer) }
  }
  const problemRef = refer(problem, 'output')
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: { title: 'Modelyard', version, description: `${intro}\n\n${errorTable()}`, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: 'http://127.0.0.1:7411' }],
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: 'The token of `<home>/token` or MODELYARD_TOKEN' } },
      responses: {
        Problem: { description: 'RFC 9457, with the error of our table', content: { 'application/problem+json': { schema: problemRef } } },
      },
      schemas,
    },
  }
}

const intro =
  'The control API: see, switch, load and unload the models of every engine on this machine. A switch that is not `switched` or ' +
  '`already_active` is a problem with the members of SwitchResult added.'

const errorTable = (): string =>
  [
    '| code | status | retry | meaning |',
    '|---|---|---|---|',
    ...Object.entries(errorCodes).map(([code, one]) => `| ${code} | ${one.status} | ${one.retryable ? 'yes' : 'no'} | ${one.title} |`),
  ].join('\n')

type Referrer = (schema: z.ZodType, io: 'input' | 'output') => Json

/** Schemas with an id become components and are referred to; the others stay where they are. */
function createReferrer(schemas: Record<string, Json>): Referrer {
  return (schema, io) => {
    const { $schema: _, $defs = {}, ...root } = z.toJSONSchema(schema, { target: 'draft-2020-12', io, unrepresentable: 'any' }) as Json
    for (const [id, definition] of Object.entries($defs as Record<string, Json>)) schemas[id] ??= relocated(definition) as Json
    const id = z.globalRegistry.get(schema)?.id
    if (id === undefined) return relocated(root) as Json
    schemas[id] ??= relocated(root) as Json
    return { $ref: `#/components/schemas/${id}` }
  }
}

function relocated(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(relocated)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([key]) => key !== 'id' || !('type' in value))
  return Object.fromEntries(
    entries.map(([key, inner]) => [key, key === '$ref' ? String(inner).replace('#/$defs/', '#/components/schemas/') : relocated(inner)]),
  )
}

function operation(name: string, route: Route, refer: Referrer): Json {
  const parameters = [...parametersOf(route.params, 'path', refer), ...parametersOf(route.query, 'query', refer)]
  const bodyRef = route.body && refer(route.body, 'input')
  return {
    operationId: name,
    summary: route.what,
    ...(route.open && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(bodyRef && { requestBody: { required: !route.bodyOptional, content: { 'application/json': { schema: bodyRef } } } }),
    responses: {
      ...Object.fromEntries(route.answers.map((answer) => [String(answer.status), response(answer, refer)])),
      default: { $ref: '#/components/responses/Problem' },
    },
  }
}

function parametersOf(schema: z.ZodObject | undefined, where: 'path' | 'query', refer: Referrer): Json[] {
  return Object.entries(schema?.shape ?? {}).map(([name, field]) => ({
    name,
    in: where,
    required: where === 'path',
    schema: refer(field as z.ZodType, 'output'),
  }))
}

const mediaTypes = { json: 'application/json', 'event-stream': 'text/event-stream', text: 'text/plain', empty: '' } as const

function response(answer: Answer, refer: Referrer): Json {
  if (answer.form === 'empty') return { description: answer.what }
  const schema = answer.schema ? refer(answer.schema, 'output') : { type: 'string' }
  return { description: answer.what, content: { [mediaTypes[answer.form]]: { schema } } }
}
