/** `POST /v1/embeddings`: texts in, vectors out, as numbers or as base64 of little-endian floats. */
import type { EmbedRequest } from '../../providers/provider.ts'
import type { EmbedDialect, FieldFate, Fields } from '../dialect.ts'
import {
  asText,
  badField,
  listField,
  needed,
  numberField,
  refusedEverywhere,
  refuseFields,
  unsupportedField,
  within,
  wordField,
} from '../fields.ts'

const maxInputs = 2048
const maxDimensions = 65_536

const fields = {
  model: 'carried',
  input: 'carried',
  dimensions: 'carried',
  encoding_format: 'carried',
  ...refusedEverywhere,
  user: 'ignored',
} as const satisfies Record<string, FieldFate>

export const openaiEmbeddings: EmbedDialect = {
  fields,
  parse(body) {
    refuseFields(body, fields)
    formOf(body)
    const dimensions = numberField(body, 'dimensions', { min: 1, max: maxDimensions, whole: true })
    return { input: inputsOf(body), ...(dimensions !== undefined && { dimensions }) }
  },
  whole(answering, body, { vectors, promptTokens = 0 }) {
    const written = formOf(body) === 'base64' ? base64Floats : (vector: readonly number[]) => vector
    return {
      object: 'list',
      data: vectors.map((vector, index) => ({ object: 'embedding', index, embedding: written(vector) })),
      model: answering.model,
      usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
    }
  },
}

const formOf = (body: Fields): string => wordField(body, 'encoding_format', ['float', 'base64']) ?? 'float'

function inputsOf(body: Fields): EmbedRequest['input'] {
  if (typeof body.input === 'string') return [someText(body.input, 'input')]
  const inputs = needed(listField(body, 'input', maxInputs), 'input', 'text or a list of texts')
  if (inputs.length === 0) throw badField('input', 'Expected text or a list of texts as input; an empty list came.')
  return inputs.map((input, index) => {
    const field = within('input', index)
    if (typeof input === 'number' || Array.isArray(input))
      throw unsupportedField(field, 'tokens mean something else to every model; send text')
    return someText(asText(input, field), field)
  })
}

function someText(text: string, field: string): string {
  if (text === '') throw badField(field, `Expected text as ${field}; an empty one came.`)
  return text
}

function base64Floats(vector: readonly number[]): string {
  const bytes = Buffer.allocUnsafe(vector.length * 4)
  vector.forEach((number, index) => {
    bytes.writeFloatLE(number, index * 4)
  })
  return bytes.toString('base64')
}
