/** Vectors of texts: handed on where the engine speaks the client's dialect, else by the provider's own way. */
import { ModelyardError } from '../contract/index.ts'
import type { Embeddings, EmbedRequest } from '../providers/provider.ts'
import type { Admitted } from '../yard/admit.ts'
import { type Call, sendJson } from './call.ts'
import { onceMore, type Sending, through } from './chat-answer.ts'
import type { EmbedDialect } from './dialect.ts'
import type { Body } from './read-body.ts'
import { answering, askedModel, type Workshop, withAdmitted } from './workshop.ts'

/** Throws what was not told to the client yet: of the admission, the body, the engine. */
export async function embedAnswer(shop: Workshop, embed: EmbedDialect, call: Call, body: Body): Promise<void> {
  const { doors } = shop
  await withAdmitted(shop, call, { model: askedModel(body), chatOnly: false }, (admitted, running) =>
    onceMore(shop, call, admitted, async (sending) => {
      const passed = await through(doors, { call, admitted, running, body, ...sending })
      if (passed) return passed
      const value = await body.value()
      const asked = embed.parse(value)
      const made: Embeddings = asked.input.length === 0 ? { vectors: [] } : await vectorsOf(call, admitted, asked, sending)
      sendJson(call, 200, embed.whole(answering(admitted), value, made))
      return { usage: made.promptTokens === undefined ? {} : { promptTokens: made.promptTokens } }
    }),
  )
}

function vectorsOf(
  { signal }: Call,
  { provider, name, load }: Admitted,
  asked: Omit<EmbedRequest, 'model' | 'load'>,
  { fresh, onRetry }: Sending,
): Promise<Embeddings> {
  if (!provider.embed) throw new ModelyardError('unsupported_operation', `The engine "${provider.id}" makes no vectors.`)
  return provider.embed({ ...asked, model: name, load }, { signal, retry: !fresh, onRetry })
}
