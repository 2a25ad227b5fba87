import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, type Rolldown } from 'vite'
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
        (name) => !/^(?:\.\/[\w-]+\.ts|\.\.\/(?:contract\/index|util\/(?:deferred|model-memory))\.ts|eventsource-parser)$/.test(name),
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

  it('carries no schema in a bundle, and little else', async () => {
    const { code, modules } = await bundleOf('client/index.ts')
    expect(modules).toContain('client/events.ts')
    expect(modules.filter((one) => /[/\\]zod[/\\]/.test(one) || withSchemas.has(one))).toEqual([])
    expect(gzipSync(code).length).toBeLessThan(12 * 1024)
  })

  it('would see a schema in a bundle', async () => {
    const { modules } = await bundleOf('contract/slot.ts')
    expect(modules).toContain('contract/slot.ts')
    expect(modules.filter((one) => /[/\\]zod[/\\]/.test(one))).not.toEqual([])
  })
})

const withSchemas = new Set(
  sources('contract')
    .filter((file) => importsOf('contract', file).includes('zod'))
    .map((file) => `contract/${file}`),
)

/** What a page would be sent, and the modules of which something is in it. */
async function bundleOf(entry: string): Promise<{ code: string; modules: string[] }> {
  const { output } = (await build({
    configFile: false,
    logLevel: 'silent',
    build: { write: false, minify: true, rolldownOptions: { input: join(folder, entry), preserveEntrySignatures: 'strict' } },
  })) as Rolldown.RolldownOutput
  expect(output).toHaveLength(1)
  const { code, modules } = output[0]
  const included = Object.entries(modules).filter(([, { renderedLength }]) => renderedLength > 0)
  return { code, modules: included.map(([id]) => id.replace(`${folder}/`, '')) }
}

const code = (file: string): string => readFileSync(join(folder, 'client', file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
