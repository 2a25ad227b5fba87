/** Every link of the documents that stays in the repository leads to a file, and every anchor to a heading of it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'

const pagesIn = (folder: string, recursive: boolean): string[] =>
  readdirSync(folder, { recursive, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name))

const pages = [...pagesIn('.', false), ...pagesIn('docs', true), ...pagesIn('src', true)]

/** Code is no link. */
const prose = (page: string): string =>
  readFileSync(page, 'utf8')
    .replace(/^```[\s\S]*?^```$/gm, '')
    .replace(/`[^`\n]*`/g, '')

const linksOf = (text: string): string[] => [...text.matchAll(/\]\(([^()\s]+)\)/g)].map(([, link = '']) => link)

/** As it is made from a heading: lower case, words by hyphens, nothing else. */
const anchorsOf = (page: string): string[] =>
  [...readFileSync(page, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )

function broken(page: string, text: string): string[] {
  return linksOf(text).filter((link) => {
    if (/^[a-z]+:/.test(link)) return false
    const [path = '', anchor] = link.split('#')
    const file = path === '' ? page : join(dirname(page), path)
    return !existsSync(file) || (anchor !== undefined && !anchorsOf(file).includes(anchor))
  })
}

describe('links of the documents', () => {
  it('would see one that leads nowhere', () => {
    const text =
      '[a](nowhere.md) [b](docs/errors.md) [c](docs/tokens.md#no-such-heading) [d](docs/tokens.md#browser-apps) [e](https://x.example)'
    expect(broken('README.md', text)).toEqual(['nowhere.md', 'docs/tokens.md#no-such-heading'])
  })
  it.each(pages)('%s', (page) => expect(broken(page, prose(page))).toEqual([]))
})
