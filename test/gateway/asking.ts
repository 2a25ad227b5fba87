import { expect } from 'vitest'
import { ModelyardError } from '../../src/contract/index.ts'

/** What the body is refused with. */
export function refusalOf(parse: () => unknown): ModelyardError {
  try {
    parse()
  } catch (error) {
    if (ModelyardError.is(error)) return error
    throw error
  }
  return expect.fail('it was not refused')
}

/** The field that it is refused for; the message names it too. */
export function refusedField(parse: () => unknown): unknown {
  const error = refusalOf(parse)
  expect([error.code, error.message]).toEqual(['invalid_request', expect.stringContaining(String(error.details?.field))])
  return error.details?.field
}

/** A value that asks for something, at the place that a name such as `a.b` or `messages[].content[].file` means. */
export function bodyWith(base: Record<string, unknown>, name: string, value: unknown): Record<string, unknown> {
  const body = structuredClone(base)
  const keys = name.split('.')
  const last = keys.pop() ?? ''
  let at: Record<string, unknown> = body
  for (const key of keys) {
    const inner = at[key] ?? {}
    at[key] = inner
    at = inner as Record<string, unknown>
  }
  at[last] = value
  return body
}
