/** Images as clients send them: base64 inside the request. Nothing is ever fetched. */
import { imageTypes } from '../contract/index.ts'
import { badField, wrongField } from './fields.ts'

export type ImageType = (typeof imageTypes)[number]
export interface ImagePart {
  readonly type: 'image'
  readonly mediaType: ImageType
  readonly data: string
}

const known = imageTypes.map((type) => type.slice('image/'.length)).join(', ')

/** An image whose type the client names. */
export function namedImage(type: string, data: string, field: string): ImagePart {
  const wanted = type.toLowerCase() === 'image/jpg' ? 'image/jpeg' : type.toLowerCase()
  const mediaType = imageTypes.find((one) => one === wanted)
  if (mediaType === undefined) throw wrongField(field, `an image of a known type (${known})`, type)
  return { type: 'image', mediaType, data: base64(data, field) }
}

/** An image whose type its first bytes tell. */
export function bareImage(data: string, field: string): ImagePart {
  const mediaType = typeOf(Buffer.from(base64(data, field).slice(0, 16), 'base64'))
  if (mediaType === undefined)
    throw badField(field, `Expected an image of a known type (${known}) as ${field}; its first bytes are of none.`)
  return { type: 'image', mediaType, data }
}

/** An image of a `data:` URL. Any other address is refused. */
export function urlImage(url: string, field: string): ImagePart {
  const comma = url.indexOf(',')
  const head = /^data:([^;,\s]{1,100})(?:;[^;,\s]{1,100})*;base64$/i.exec(comma < 0 ? '' : url.slice(0, Math.min(comma, 512)))
  if (head?.[1] !== undefined) return namedImage(head[1], url.slice(comma + 1), field)
  throw badField(
    field,
    `Expected an image as "data:image/…;base64,…" as ${field}; another address came. Images are never fetched.`,
    'Send the image itself, as base64 in a data URL.',
  )
}

const notBase64 = /[^A-Za-z0-9+/]/

function base64(data: string, field: string): string {
  const end = data.endsWith('==') ? -2 : data.endsWith('=') ? -1 : undefined
  if (data.length === 0 || data.length % 4 !== 0 || notBase64.test(data.slice(0, end)))
    throw badField(field, `Expected base64 as ${field}; what came is cut or damaged.`)
  return data
}

/** By the signatures of the formats: PNG (RFC 2083, 3.1), JPEG (SOI, ITU T.81 B.1), GIF89a (17), WebP (RFC 9649, 2.4). */
function typeOf(head: Buffer): ImageType | undefined {
  const latin = head.toString('latin1')
  if (latin.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png'
  if (latin.startsWith('\xff\xd8\xff')) return 'image/jpeg'
  if (latin.startsWith('GIF87a') || latin.startsWith('GIF89a')) return 'image/gif'
  return latin.startsWith('RIFF') && latin.startsWith('WEBP', 8) ? 'image/webp' : undefined
}
