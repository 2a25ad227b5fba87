/** The blocks that texts, images and documents come in. */
import type { ChatContent } from '../../contract/index.ts'
import type { Fields } from '../dialect.ts'
import { asText, badField, flagField, needed, objectField, objectsField, textField, unsupportedField, within } from '../fields.ts'
import { namedImage } from '../images.ts'
import { limits } from '../ranges.ts'

export type ContentPart = Exclude<ChatContent, string>[number]

/** What stands as `content`: a text, or blocks. Absent is the empty text. */
export function contentIn(from: Fields, path: string): ChatContent {
  const blocks = blocksOf(from, path) ?? ''
  return typeof blocks === 'string' ? blocks : contentOf(blocks.flatMap((block, index) => partsOf(block, blockPath(path, index))))
}

export function blocksOf(from: Fields, path: string, key = 'content'): string | readonly Fields[] | undefined {
  const value = from[key]
  return typeof value === 'string' ? value : objectsField(from, key, limits.parts, path)
}

export const blockPath = (path: string, index: number): string => within(within(path, 'content'), index)

/** One text alone is that text: not every engine takes a list in every place. */
export function contentOf(parts: readonly ContentPart[]): ChatContent {
  const [first] = parts
  if (first === undefined) return ''
  return parts.length === 1 && first.type === 'text' ? first.text : [...parts]
}

/** What this block says. Throws for one that only Anthropic's own servers could read. */
export function partsOf(block: Fields, path: string): ContentPart[] {
  if (block.type === 'document') return documentParts(block, path)
  if (block.type === 'search_result') return searchParts(block, path)
  return [plainPart(block, path)]
}

/** What may stand inside another block. */
function plainPart(block: Fields, path: string): ContentPart {
  return block.type === 'image' ? imagePart(block, path) : textPart(block, path)
}

function badBlock(block: Fields, path: string): Error {
  const field = within(path, 'type')
  return badField(field, `A block of the type ${JSON.stringify(asText(block.type, field).slice(0, 64))} cannot be carried as ${path}.`)
}

export function textPart(block: Fields, path: string): ContentPart {
  if (block.type !== 'text') throw badBlock(block, path)
  return { type: 'text', text: needed(textField(block, 'text', path), within(path, 'text'), 'text') }
}

function imagePart(block: Fields, path: string): ContentPart {
  const [source, at] = sourceOf(block, path)
  if (source.type !== 'base64') throw notFetched(source, at, 'Images are never fetched')
  const type = needed(textField(source, 'media_type', at), within(at, 'media_type'), 'the type of the image')
  return namedImage(type, needed(textField(source, 'data', at), within(at, 'data'), 'base64'), at)
}

function documentParts(block: Fields, path: string): ContentPart[] {
  refuseCitations(block, path)
  const [source, at] = sourceOf(block, path)
  const heading = headed(textField(block, 'title', path), textField(block, 'context', path))
  if (source.type === 'text') return [...heading, { type: 'text', text: needed(textField(source, 'data', at), within(at, 'data'), 'text') }]
  if (source.type !== 'content') throw notFetched(source, at, 'Only a document of plain text can be read')
  const blocks = needed(blocksOf(source, at), within(at, 'content'), 'a text or blocks')
  if (typeof blocks === 'string') return [...heading, { type: 'text', text: blocks }]
  return [...heading, ...blocks.map((inner, index) => plainPart(inner, blockPath(at, index)))]
}

function searchParts(block: Fields, path: string): ContentPart[] {
  refuseCitations(block, path)
  const texts = needed(objectsField(block, 'content', limits.parts, path), within(path, 'content'), 'a list')
  const heading = headed(textField(block, 'title', path), textField(block, 'source', path))
  return [...heading, ...texts.map((text, index) => textPart(text, blockPath(path, index)))]
}

const headed = (...lines: readonly (string | undefined)[]): ContentPart[] =>
  lines.filter((line) => line !== undefined && line !== '').map((line) => ({ type: 'text', text: `${line}\n` }))

function sourceOf(block: Fields, path: string): [source: Fields, path: string] {
  const at = within(path, 'source')
  return [needed(objectField(block, 'source', path), at, 'an object'), at]
}

/** Names what would have to be fetched, else the type. */
function notFetched(source: Fields, path: string, why: string): Error {
  const key = ['url', 'file_id'].find((one) => source[one] !== undefined) ?? 'type'
  return badField(within(path, key), `Expected the content itself as ${path}. ${why}.`, 'Send it in the request.')
}

function refuseCitations(block: Fields, path: string): void {
  const at = within(path, 'citations')
  const asked = objectField(block, 'citations', path)
  if (asked && flagField(asked, 'enabled', at) === true) throw unsupportedField(within(at, 'enabled'))
}
