/** Vectors inside the child: text by text, of length 1 as other engines give them, ended between two texts by an abort. */
import type { EmbeddingModel } from './child-load.ts'
import { Refused, TooLong, type Working, working } from './child-work.ts'
import type { FromChild, Request } from './messages.ts'

export function answerEmbed(
  { context, contextLength }: EmbeddingModel,
  { id, input }: Extract<Request, { type: 'embed' }>,
  send: (message: FromChild) => void,
): Working {
  return working(id, send, async (aborted) => {
    const lengths = input.map((text) => context.calculateInputLength(text))
    const long = lengths.findIndex((length) => length >= contextLength)
    if (long !== -1) throw new TooLong(`Text ${long + 1}`, lengths[long] ?? 0, contextLength)
    for (const [index, text] of input.entries()) {
      if (aborted()) return
      const { vector } = await context.getEmbeddingFor(text)
      if (vector.length === 0) throw new Refused(`input[${index}]`, 'it is empty for this model.')
      send({ type: 'vector', id, values: unit(vector) })
    }
    if (!aborted()) send({ type: 'embedded', id, promptTokens: lengths.reduce((sum, length) => sum + length, 0) })
  })
}

/** Of an empty text some models make nothing but zeros. */
function unit(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector)
  return vector.map((value) => (length === 0 ? 0 : value / length))
}
