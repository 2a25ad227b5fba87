/** Vectors of texts: handed on where the engine speaks the client's dialect, else by the provider's own way. */
import { ModelyardError } from '../contract/index.ts'
import { type Call, sendJson } from './call.ts'
import { onceMore, through } from './chat-answer.ts'
import type { EmbedDialect } from './dialect.ts'
import { admit } from './hold.ts'
import type { Body } from './read-body.ts'
import { answering, askedModel, type Workshop, withAdmitted } from './workshop.ts'

export async function embedAnswer(shop: Workshop, embed: EmbedDialect, call: Call, body: Body): Promise<void> {
  const { yard, limits, doors } = shop
  const find = () => admit(call, askedModel(body), { admission: yard.admission, chatOnly: false, ...limits })
  await withAdmitted(call, find, async (admitted) => {
    await onceMore(shop, call, admitted, async (fresh) => {
      const door = doors.of(admitted, call.dialect.name, call.path, body)
      if (door) return through(door, { call, admitted, body, fresh })
      const value = await body.value()
      const asked = embed.parse(value)
      const { provider, name, load } = admitted
      if (!provider.embed) throw new ModelyardError('unsupported_operation', `The engine "${provider.id}" makes no vectors.`)
      const onRetry = (reason: string): void => yard.admission.retried(admitted, reason)
      const made = await provider.embed({ ...asked, model: name, load }, { signal: call.signal, onRetry })
      sendJson(call, 200, embed.whole(answering(admitted), value, made))
      return { usage: made.promptTokens === undefined ? {} : { promptTokens: made.promptTokens } }
    })
  })
}
