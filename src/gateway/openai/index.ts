import type { ChatDialect } from '../dialect.ts'
import { chatFields } from './chat-fields.ts'
import { parseChat } from './parse-chat.ts'
import { chatWriter, wholeChat } from './write-chat.ts'

export { openaiDialect } from './dialect.ts'
export { openaiEmbeddings } from './embeddings.ts'
export { openaiModel, openaiModels } from './models.ts'

export const openaiChat: ChatDialect = { fields: chatFields, parse: parseChat, writer: chatWriter, whole: wholeChat }
