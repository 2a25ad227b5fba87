/** `POST /api/embed`, and `POST /api/embeddings`, which it replaced: one text, one vector. */
import type { EmbedRequest } from '../../providers/provider.ts'
import type { EmbedDialect, Fields } from '../dialect.ts'
import { asText, listField, needed, numberField, refuseFields, textField, within } from '../fields.ts'
import { nanoseconds } from './instant.ts'
import { embedFields, oldEmbedFields } from './request-fields.ts'

const maxInputs = 2048
const maxDimensions = 65_536

/** No text, or an empty one alone, asks only to load the model: `input` is then empty, and so are the vectors. */
export const ollamaEmbed: EmbedDialect = {
  fields: embedFields,
  parse(body) {
    refuseFields(body, embedFields)
    const dimensions = numberField(body, 'dimensions', { min: 0, max: maxDimensions, whole: true })
    return { input: inputsOf(body), ...(dimensions && { dimensions }) }
  },
  whole(answering, _body, { vectors, promptTokens }) {
    return {
      model: answering.model,
      embeddings: vectors,
      total_duration: nanoseconds(answering.clock()),
      load_duration: 0,
      ...(promptTokens !== undefined && { prompt_eval_count: promptTokens }),
    }
  },
}

function inputsOf(body: Fields): EmbedRequest['input'] {
  if (typeof body.input === 'string') return body.input === '' ? [] : [body.input]
  return (listField(body, 'input', maxInputs) ?? []).map((input, index) => asText(input, within('input', index)))
}

export const ollamaEmbeddings: EmbedDialect = {
  fields: oldEmbedFields,
  parse(body) {
    refuseFields(body, oldEmbedFields)
    const prompt = needed(textField(body, 'prompt'), 'prompt', 'text')
    return { input: prompt === '' ? [] : [prompt] }
  },
  whole: (_answering, _body, { vectors }) => ({ embedding: vectors[0] ?? [] }),
}
