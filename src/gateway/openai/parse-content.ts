import type { ChatContent } from '../../contract/index.ts'
import type { Fields } from '../dialect.ts'
import { asObject, asText, listField, needed, objectField, textField, unsupportedField, within, wrongField } from '../fields.ts'
import { urlImage } from '../images.ts'
import { limits } from '../ranges.ts'

type Part = Exclude<ChatContent, string>[number]

/** The content of a message: text or a list of parts; undefined when there is none, an empty list included. */
export function contentOf(message: Fields, path: string): ChatContent | undefined {
  const { content } = message
  if (typeof content === 'string') return content
  const parts =
    Array.isArray(content) || content === undefined || content === null ? listField(message, 'content', limits.parts, path) : content
  const field = within(path, 'content')
  if (parts === undefined) return undefined
  if (!Array.isArray(parts)) throw wrongField(field, 'text or a list of parts', parts)
  if (parts.length === 0) return undefined
  return parts.map((part, index) => partOf(asObject(part, within(field, index)), within(field, index)))
}

function partOf(part: Fields, path: string): Part {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: needed(textField(part, 'text', path), within(path, 'text'), 'text') }
    case 'refusal':
      return { type: 'text', text: needed(textField(part, 'refusal', path), within(path, 'refusal'), 'text') }
    case 'image_url':
      return imageOf(part, within(path, 'image_url'), path)
    case 'input_audio':
    case 'file':
      throw unsupportedField(within(path, part.type), 'a message can have text and images')
    default:
      throw wrongField(within(path, 'type'), '"text" or "image_url"', part.type)
  }
}

/** OpenAI has the address inside an object; engines take it bare as well. */
function imageOf(part: Fields, field: string, path: string): Part {
  if (typeof part.image_url === 'string') return urlImage(part.image_url, field)
  const image = needed(objectField(part, 'image_url', path), field, 'an object with a url')
  return urlImage(asText(image.url, within(field, 'url')), field)
}
