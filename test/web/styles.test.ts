/** Styles of a panel reach no other: a class that two of them use is styled inside of its panel, or by what all share. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, it } from 'vitest'

const panels = join(import.meta.dirname, '../../web/src/panels')
const files = (kind: '.css' | '.tsx'): { panel: string; text: string }[] =>
  readdirSync(panels, { withFileTypes: true, recursive: true })
    .filter((one) => one.name.endsWith(kind))
    .map((one) => ({ panel: basename(one.parentPath), text: readFileSync(join(one.parentPath, one.name), 'utf8') }))

/** The first class of every selector that stands at the beginning of one. */
const styled = (text: string): string[] =>
  [...text.replace(/\/\*.*?\*\//gs, '').matchAll(/([^{}]+)\{/g)]
    .flatMap(([, selectors = '']) => selectors.split(','))
    .flatMap((one) => /^\s*\.([\w-]+)/.exec(one)?.[1] ?? [])

const used = (text: string): string[] =>
  [...text.matchAll(/class=(?:"([^"]*)"|\{`([^`]*)`|\{'([^']*)')/g)].flatMap(
    ([, plain, template, quoted]) => (plain ?? template ?? quoted ?? '').match(/(?<![\w${.-])[a-z][\w-]*/g) ?? [],
  )

it('styles of a panel reach no other', () => {
  const uses = files('.tsx').flatMap(({ panel, text }) => used(text).map((name) => ({ panel, name })))
  expect(uses.length).toBeGreaterThan(100)
  const leaks = files('.css').flatMap(({ panel, text }) =>
    styled(text).flatMap((name) =>
      uses.filter((one) => one.name === name && one.panel !== panel).map((one) => `.${name} of ${panel} is used in ${one.panel} as well`),
    ),
  )
  expect([...new Set(leaks)]).toEqual([])
})
