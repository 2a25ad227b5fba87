import { describe, expect, it } from 'vitest'
import { bareImage, namedImage, urlImage } from '../../src/gateway/images.ts'
import { refusedField } from './asking.ts'

const base64 = (text: string): string => Buffer.from(text, 'latin1').toString('base64')

describe('an image without a type', () => {
  it.each([
    ['image/png', '\x89PNG\r\n\x1a\n'],
    ['image/jpeg', '\xff\xd8\xff'],
    ['image/gif', 'GIF87a'],
    ['image/gif', 'GIF89a'],
    ['image/webp', 'RIFF\x01\x02\x03\x04WEBPVP8 '],
  ] as const)('is %s by its first bytes', (mediaType, head) => {
    expect(bareImage(base64(head), 'i')).toEqual({ type: 'image', mediaType, data: base64(head) })
  })
  it.each(['\x89PNG\n', 'RIFF\x01\x02\x03\x04WAVE', 'BM', '<svg>'])('is refused with other bytes: %j', (head) => {
    expect(refusedField(() => bareImage(base64(head), 'i'))).toBe('i')
  })
})

describe('base64', () => {
  it.each(['', 'A', 'AAA', 'A===', '=AAA', 'AA=A', 'AA-_', 'AAAA\n', 'AAA AAA='])('that is none is refused: %j', (data) => {
    expect(refusedField(() => namedImage('image/png', data, 'i'))).toBe('i')
  })
  it.each(['AAAA', 'AAA=', 'AA==', '+/+/'])('that is some is taken: %j', (data) =>
    expect(namedImage('image/png', data, 'i').data).toBe(data),
  )
})

describe('an address', () => {
  it.each([
    ['data:image/png;base64,AAAA', 'image/png'],
    ['DATA:image/JPG;BASE64,AAAA', 'image/jpeg'],
    ['data:image/webp;name=cat.webp;base64,AAAA', 'image/webp'],
  ])('with the image in it is that image: %s', (url, mediaType) => {
    expect(urlImage(url, 'i')).toEqual({ type: 'image', mediaType, data: 'AAAA' })
  })
  it.each([
    'https://example.org/a.png',
    'http://127.0.0.1/a.png',
    'file:///etc/passwd',
    'data:image/png,AAAA',
    'data:text/html;base64,AAAA',
    'data:;base64,AAAA',
    'data:image/png;base64',
    'javascript:,',
    '',
  ])('with none is refused: %s', (url) => expect(refusedField(() => urlImage(url, 'i'))).toBe('i'))
})
