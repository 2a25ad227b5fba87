/** From a request to the call of a handler: parameters, query and body by the route's schemas, strictly. */
import type { z } from 'zod'
import { ModelyardError, type Route } from '../contract/index.ts'
import { readBody } from './read-body.ts'

export interface ParsedCall {
  readonly params: unknown
  readonly query: unknown
  readonly body: unknown
}

export async function parseCall(route: Route, request: Request, params: Readonly<Record<string, string>>): Promise<ParsedCall> {
  return {
    params: route.params && check(route.params, params, 'path'),
    query: check(route.query, queryOf(request), 'query'),
    body: await bodyOf(route, request),
  }
}

function queryOf(request: Request): Record<string, string> {
  const query: Record<string, string> = Object.create(null)
  for (const [name, value] of new URL(request.url).searchParams) {
    if (name in query) throw new ModelyardError('invalid_request', `The query names "${name}" twice.`)
    query[name] = value
  }
  return { ...query }
}

async function bodyOf(route: Route, request: Request): Promise<unknown> {
  if (!route.body) return undefined
  const body = await readBody(request)
  if (body === undefined && route.bodyOptional) return undefined
  if (body === undefined) throw new ModelyardError('invalid_request', 'Expected a JSON body, got none.')
  return check(route.body, body, 'body')
}

function check(schema: z.ZodType | undefined, value: unknown, where: string): unknown {
  if (!schema) {
    const [first] = Object.keys(value as object)
    if (first !== undefined) throw new ModelyardError('invalid_request', `Unknown field "${first}" in the ${where}.`)
    return undefined
  }
  const checked = schema.safeParse(value)
  if (checked.success) return checked.data
  throw new ModelyardError('invalid_request', explain(checked.error.issues[0], where), {
    details: { where, fields: checked.error.issues.slice(0, 10).map((one) => one.path.join('.')) },
  })
}

function explain(issue: z.core.$ZodIssue | undefined, where: string): string {
  const path = issue?.path.join('.') ?? ''
  const place = path === '' ? `the ${where}` : `"${path}" in the ${where}`
  if (issue?.code === 'unrecognized_keys')
    return `Unknown field ${issue.keys.map((key) => `"${key.slice(0, 80)}"`).join(', ')} in ${place}.`
  return `Not valid: ${place}: ${issue?.message ?? 'another value was expected'}.`
}
