import type { ChatMessage } from '../../contract/index.ts'
import type { AskedChat, Fields } from '../dialect.ts'
import { badField, refuseFields, textField } from '../fields.ts'
import { functionTools } from '../function-tools.ts'
import { contentWith, imagesOf, sharedPart, streams } from './parse-common.ts'
import { messagesOf } from './parse-messages.ts'
import { chatFields, generateFields, harmlessValues } from './request-fields.ts'

export function parseChat(body: Fields): AskedChat {
  refuseFields(body, chatFields, harmlessValues)
  const tools = functionTools(body)
  return { chat: { messages: messagesOf(body), ...(tools && { tools }), ...sharedPart(body) }, stream: streams(body) }
}

/** One prompt is one message. A prompt that is to be taken as it is, without the model's template, cannot be said. */
export function parseGenerate(body: Fields): AskedChat {
  refuseFields(body, generateFields, harmlessValues)
  const system = textField(body, 'system') ?? ''
  const images = imagesOf(body)
  const prompt = textField(body, 'prompt') ?? ''
  if (prompt === '' && images.length === 0) throw badField('prompt', 'Expected text as prompt; nothing came.')
  const instructed: ChatMessage[] = system === '' ? [] : [{ role: 'system', content: system }]
  return {
    chat: { messages: [...instructed, { role: 'user', content: contentWith(images, prompt) }], ...sharedPart(body) },
    stream: streams(body),
  }
}
