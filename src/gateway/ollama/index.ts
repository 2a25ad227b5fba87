import type { ChatDialect } from '../dialect.ts'
import { parseChat, parseGenerate } from './parse-request.ts'
import { chatFields, generateFields } from './request-fields.ts'
import { answerWriter, chatShape, generateShape, wholeAnswerBody } from './write-answer.ts'

export { ollamaDialect } from './dialect.ts'
export { ollamaEmbed, ollamaEmbeddings } from './embed.ts'
export { asksToLoad, loadedAnswer, type OllamaRoute } from './load-request.ts'
export { ollamaPs, ollamaShow, ollamaTags } from './models.ts'

export const ollamaChat: ChatDialect = {
  fields: chatFields,
  parse: parseChat,
  writer: (answering) => answerWriter(chatShape, answering),
  whole: (answering, _body, answer) => wholeAnswerBody(chatShape, answering, answer),
}

export const ollamaGenerate: ChatDialect = {
  fields: generateFields,
  parse: parseGenerate,
  writer: (answering) => answerWriter(generateShape, answering),
  whole: (answering, _body, answer) => wholeAnswerBody(generateShape, answering, answer),
}
