/** Reading a schema of anybody: bounded, by shape, and every refusal names the field. */
import { ModelyardError } from '../../../contract/index.ts'

export type Schema = Readonly<Record<string, unknown>>

export interface SchemaReader {
  /** Counts a schema within a schema. */
  enter(depth: number, field: string): void
  /** Counts what is written out: names, values. */
  letters(count: number, field: string): void
  /** Counts how often something may be repeated: llama.cpp writes every repetition out. */
  repeats(times: number, field: string): boolean
  /** What a grammar cannot say: refused, or left out where the caller does not insist. */
  cannot(field: string, what: string): void
  /** Whatever the caller insists on. */
  refuse(field: string, what: string): never
  /** The schema that a reference names. */
  resolve(ref: unknown, field: string): { readonly schema: unknown; readonly key: string }
}

const deepest = 64
const mostSchemas = 10_000
const mostRepeats = 1000
const mostRepeatsTogether = 50_000
const mostLetters = 2 ** 19

/** What the schemas of one request may cost together. */
export interface SchemaBudget {
  schemas: number
  repeats: number
  letters: number
}

export const schemaBudget = (): SchemaBudget => ({ schemas: mostSchemas, repeats: mostRepeatsTogether, letters: mostLetters })

export function createSchemaReader(root: unknown, { insists, budget }: { insists: boolean; budget: SchemaBudget }): SchemaReader {
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
      budget.schemas -= 1
      if (depth > deepest) refuse(field, `the schema is nested deeper than ${deepest} levels.`)
      if (budget.schemas < 0) refuse(field, `the schemas have more than ${mostSchemas} parts together.`)
    },
    letters(count, field) {
      budget.letters -= count
      if (budget.letters < 0) refuse(field, `the schemas name more than ${mostLetters / 1024} KiB of text together.`)
    },
    repeats(times, field) {
      const enough = times <= mostRepeats && times <= budget.repeats
      if (enough) budget.repeats -= times
      else cannot(field, `the embedded engine counts to ${mostRepeats}, and to ${mostRepeatsTogether} in one request.`)
      return enough
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
