/** Vectors of texts: handed on where the engine speaks the client's dialect, else by the provider's own way. */
import { ModelyardError } from '../contract/index.ts'
import type { Embeddings, EmbedRequest } from '../providers/provider.ts'
import type { Admitted } from '../yard/admit.ts'
import { type Call, sendJson } from './call.ts'
import { onceMore, through, unlessLacking } from './chat-answer.ts'
import type { EmbedDialect } from './dialect.ts'
import type { Body } from './read-body.ts'
import { answering, askedModel, type Workshop, withAdmitted } from './workshop.ts'

export async function embedAnswer(shop: Workshop, embed: EmbedDialect, call: Call, body: Body): Promise<void> {
  const { yard, doors } = shop
  await withAdmitted(shop, call, { model: askedModel(body), chatOnly: false }, (admitted, running) =>
    onceMore(shop, call, admitted, async (fresh) => {
      const door = doors.of(admitted, call.dialect.name, call.path, body)
      if (door) {
        const handed = await unlessLacking(shop, call, admitted, () => through(door, { call, admitted, running, body, fresh }))
        if (handed) return handed
      }
      const value = await body.value()
      const asked = embed.parse(value)
      const made: Embeddings = asked.input.length === 0 ? { vectors: [] } : await vectorsOf(yard, call, admitted, asked)
      sendJson(call, 200, embed.whole(answering(admitted), value, made))
      return { usage: made.promptTokens === undefined ? {} : { promptTokens: made.promptTokens } }
    }),
  )
}

function vectorsOf(
  { admission }: Workshop['yard'],
  { signal }: Call,
  admitted: Admitted,
  asked: Omit<EmbedRequest, 'model' | 'load'>,
): Promise<Embeddings> {
  const { provider, name, load } = admitted
  if (!provider.embed) throw new ModelyardError('unsupported_operation', `The engine "${provider.id}" makes no vectors.`)
  const onRetry = (reason: string): void => admission.retried(admitted, reason)
  return provider.embed({ ...asked, model: name, load }, { signal, onRetry })
}
