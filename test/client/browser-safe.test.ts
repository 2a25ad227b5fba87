import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const folder = join(import.meta.dirname, '../../src')
const sources = (part: string): string[] => readdirSync(join(folder, part)).filter((file) => file.endsWith('.ts'))
const importsOf = (part: string, file: string): string[] =>
  [...readFileSync(join(folder, part, file), 'utf8').matchAll(/^(?:.*\bfrom |import )'([^']+)'$|\bimport\('([^']+)'\)/gm)].map(
    (match) => match[1] ?? match[2] ?? '',
  )

describe('the client runs in a browser', () => {
  it('imports its own files, the contract, what is pure and eventsource-parser only', () => {
    const foreign = sources('client').flatMap((file) =>
      importsOf('client', file).filter(
        (name) => !/^(?:\.\/[\w-]+\.ts|\.\.\/(?:contract\/index|util\/deferred)\.ts|eventsource-parser)$/.test(name),
      ),
    )
    expect(sources('client').length).toBeGreaterThan(5)
    expect(foreign).toEqual([])
  })

  it('and so does the contract, with zod', () => {
    expect(
      sources('contract').flatMap((file) => importsOf('contract', file).filter((name) => !/^(?:\.\/[\w-]+\.ts|zod)$/.test(name))),
    ).toEqual([])
  })

  it('uses no global that only Node has', () => {
    const used = sources('client').filter((file) => /\b(?:process|Buffer|require|setImmediate|__dirname)\b/.test(code(file)))
    expect(used).toEqual([])
  })
})

const code = (file: string): string => readFileSync(join(folder, 'client', file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
