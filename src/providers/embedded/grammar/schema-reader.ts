/** Reading a schema of anybody: bounded, by shape, and every refusal names the field. */
import { ModelyardError } from '../../../contract/index.ts'

export type Schema = Readonly<Record<string, unknown>>

export interface SchemaReader {
  /** Counts a schema within a schema. */
  enter(depth: number, field: string): void
  /** Counts how often something may be repeated: llama.cpp writes every repetition out. */
  repeats(times: number, field: string): boolean
  /** What a grammar cannot say: refused, or left out where the caller does not insist. */
  cannot(field: string, what: string): void
  /** Whatever the caller insists on. */
  refuse(field: string, what: string): never
  /** The schema that a reference names. */
  resolve(ref: unknown, field: string): { readonly schema: unknown; readonly key: string }
}

const mostSchemas = 4000
const deepest = 64
const mostRepeats = 1000
const mostRepeatsTogether = 20_000

export function createSchemaReader(root: unknown, { insists }: { insists: boolean }): SchemaReader {
  let schemas = 0
  let repeated = 0
  const refuse = (field: string, what: string): never => {
    throw new ModelyardError('invalid_request', `${field}: ${what}`, { details: { field } })
  }
  const cannot = (field: string, what: string): void => {
    if (insists) refuse(field, what)
  }
  return {
    refuse,
    cannot,
    enter(depth, field) {
      schemas += 1
      if (depth > deepest) refuse(field, `the schema is nested deeper than ${deepest} levels.`)
      if (schemas > mostSchemas) refuse(field, `the schema has more than ${mostSchemas} parts.`)
    },
    repeats(times, field) {
      repeated += times
      if (times <= mostRepeats && repeated <= mostRepeatsTogether) return true
      cannot(field, `the embedded engine counts to ${mostRepeats}, and to ${mostRepeatsTogether} in one schema.`)
      return false
    },
    resolve(ref, field) {
      if (typeof ref !== 'string' || !/^#(?:\/|$)/.test(ref)) return refuse(field, 'only references within the schema (#/…) are followed.')
      const steps = ref.split('/').slice(1).map(unescaped)
      let schema: unknown = root
      for (const step of steps) schema = isSchema(schema) && Object.hasOwn(schema, step) ? schema[step] : undefined
      return schema === undefined ? refuse(field, 'it names nothing.') : { schema, key: ref }
    },
  }
}

/** A step of a JSON pointer in a URI. */
function unescaped(step: string): string {
  try {
    return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')
  } catch {
    return step
  }
}

export const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value)
