/** The page of the gateway names every route and every limit that the code has. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { dialectFields } from '../../src/gateway/dialect-fields.ts'
import { fieldsPage } from '../../src/gateway/fields-page.ts'
import { limits } from '../../src/gateway/ranges.ts'
import { routes } from '../../src/gateway/routes.ts'
import { usualLimits } from '../../src/gateway/workshop.ts'

const page = readFileSync('docs/gateway.md', 'utf8')

describe('the page of the gateway', () => {
  it.each(routes.map(({ method, path }) => [method, path]))('names %s %s', (method, path) => {
    const written = path === '/' ? '/t/TOKEN/' : path.replace('*', '{id}')
    const row = page.split('\n').find((line) => line.startsWith('| `') && line.includes(`${written}\``))
    expect(row).toContain(method)
  })

  it('has the limits that hold', () => {
    const { chatBytes, otherBytes, keepAliveMs, firstByteMs, idleMs } = usualLimits
    expect(page).toContain(`| ${chatBytes / 2 ** 20} MiB; ${otherBytes / 2 ** 20} MiB |`)
    expect(page).toContain(`held back for ${keepAliveMs / 1000} seconds`)
    expect(page).toContain(`| ${firstByteMs / 60_000} minutes; ${idleMs / 60_000} minutes |`)
    expect(page).toContain(`| ${limits.messages}; ${limits.parts}; ${limits.tools}; ${limits.calls} |`)
    expect(page).toContain(`| ${limits.stops} of ${limits.stopChars} characters; ${limits.nameChars} characters |`)
  })
})

describe('the page of the fields', () => {
  const text = Object.values(fieldsPage()).join('')
  it.each(Object.entries(dialectFields))('%s: each field once, in the row of its fate', (path, fields) => {
    const section = text.split(`## \`${path}\`\n`)[1]?.split('\n## ')[0] ?? ''
    for (const [name, fate] of Object.entries(fields)) {
      const rows = section.split('\n').filter((line) => line.startsWith('| ') && line.includes(`\`${name}\``))
      expect(
        rows.map((row) => row.split(' | ')[0]),
        name,
      ).toEqual([`| ${fate}`])
    }
  })

  it('says which values of a refused field are none', () => expect(text).toContain('`n` (but for `1`)'))
})
