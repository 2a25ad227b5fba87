/** The lines that the page shows are those of the documents: neither can change alone. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type ClientGuide, clients, type Piece } from '../../../web/src/panels/connect/clients.ts'

const folder = new URL('../../../docs/clients/', import.meta.url)
const pages = readdirSync(folder)
  .filter((name) => name.endsWith('.md') && name !== 'README.md')
  .map((name) => name.replace('.md', ''))

const address = 'http://127.0.0.1:7411'
const token = '@TOKEN@'

/** What a page says with a token made on the spot, or put there by hand, with the token itself in its place. */
const plain = (line: string): string =>
  line
    .replace(/^\$ /, '')
    .replace(/ {1,2}(?:\/\/|#) .*$/, '')
    .replace(/\$\(modelyard token create [a-z-]+\)|what `modelyard token create [a-z-]+` printed/, token)
    .replace(/(?<=: )TOKEN$/, token)
    .trim()

const linesOf = (page: string): string[] => page.split('\n').map(plain)
const tableOf = (page: string): string[][] =>
  page
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => plain(cell.trim()).replaceAll('`', '')),
    )
    .filter(([name]) => name !== 'setting')

/** Where the documents know more ways than the page shows. */
const leftOut: Readonly<Record<string, readonly string[]>> = {
  // In a container: a page of its own there.
  'open-webui': ['http://host.docker.internal:7411/v1', 'http://127.0.0.1:7411/t/TOKEN'],
}

/** Lines that give a token to code which the documents leave to the reader. */
const ownLines = ['', `const token = '${token}'`, `token = "${token}"`]

const textOf = (piece: Piece): string => ('lines' in piece ? piece.lines : piece.fields.map((field) => field.join(' ')).join('\n'))
const addressesIn = (text: string): string[] =>
  [...text.matchAll(/http:\/\/[a-z0-9.]+:7411[A-Za-z0-9/$_]*/g)].map(([url]) => url.replace('$TOKEN', 'TOKEN'))
const variablesIn = (text: string): string[] => [...text.matchAll(/(?:export |-e |^| )([A-Z][A-Z_]{4,})=/gm)].map(([, name]) => name ?? '')

it('names every client that has a page, and no other', () => {
  expect(clients.map(({ id }) => id).sort()).toEqual(pages.sort())
})

describe.each(clients.map((one): [string, ClientGuide] => [one.id, one]))('%s', (id, guide) => {
  const page = readFileSync(new URL(`${id}.md`, folder), 'utf8')
  const pieces = guide.pieces({ address, token, slot: guide.ownSlot ?? 'default' })
  const text = pieces.map(textOf).join('\n')

  it('has the lines of its page, and its settings', () => {
    const known = [...linesOf(page), ...ownLines]
    const lines = pieces.flatMap((piece) => ('lines' in piece ? piece.lines.split('\n').map((line) => line.trim()) : []))
    expect(lines.filter((line) => !known.includes(line))).toEqual([])
    const fields = pieces.flatMap((piece) => ('fields' in piece ? piece.fields.map((field) => [...field]) : []))
    expect(fields).toEqual(tableOf(page))
  })

  it('leaves out no address and no variable of its page', () => {
    const wanted = addressesIn(page).filter((url) => !leftOut[id]?.includes(url))
    expect(wanted.filter((url) => !addressesIn(text).includes(url))).toEqual([])
    expect(variablesIn(page).filter((name) => !variablesIn(text).includes(name))).toEqual([])
  })

  it('calls its token as its page does, and has it where a token goes', () => {
    expect(page).toContain(`modelyard token create ${guide.tokenName}`)
    expect(text).toContain(token)
  })

  it('takes another address and another slot everywhere', () => {
    const elsewhere = guide.pieces({ address: 'http://box.example:80', token, slot: 'other' }).map(textOf).join('\n')
    expect(elsewhere).not.toMatch(/7411|127\.0\.0\.1/)
    expect(elsewhere).toContain('http://box.example:80')
    expect(elsewhere).not.toMatch(/\b(?:default|code)\b(?=['"]|$)/m)
  })
})
