/** The elements as an app gets them: one module, small, without schemas, harmless where there are no elements. */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build, type Rolldown } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { define } from '../../../web/src/elements/define.ts'
import { en } from '../../../web/src/text/en.ts'

const root = join(import.meta.dirname, '../../..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const atMost = 60 * 1000

describe('the bundle of the elements', () => {
  let chunk: Rolldown.OutputChunk
  let types: string
  let folder: string

  beforeAll(async () => {
    const configFile = join(root, 'web/vite.elements.config.ts')
    const { output } = (await build({ configFile, logLevel: 'silent', build: { write: false } })) as Rolldown.RolldownOutput
    expect(output.map((one) => one.fileName).sort()).toEqual(['elements.d.ts', 'elements.js'])
    chunk = output[0]
    types = String(output.find((one) => one.type === 'asset')?.source)
    folder = await mkdtemp(join(tmpdir(), 'modelyard-test-'))
    await writeFile(join(folder, 'package.json'), '{"type":"module","sideEffects":["./elements.js"]}')
    await writeFile(join(folder, 'elements.js'), chunk.code)
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const modules = (): string[] =>
    Object.entries(chunk.modules)
      .filter(([, { renderedLength }]) => renderedLength > 0)
      .map(([id]) => id.replace(`${root}/`, ''))

  it('is small', () => expect(gzipSync(chunk.code).length).toBeLessThan(atMost))
  it('needs nothing beside itself', () => {
    expect(chunk.imports).toEqual([])
    expect(chunk.dynamicImports).toEqual([])
  })
  it('has the panels, and no schema', () => {
    expect(modules()).toContain('web/src/panels/switch/model-switch.tsx')
    expect(modules().filter((one) => /[/\\]zod[/\\]|contract\/(?:job|slot|model)\.ts$/.test(one))).toEqual([])
  })
  it('has no words of the parts that are not in it, and all of those that are', () => {
    expect(chunk.code).toContain(en.switch.nothingFits)
    expect(chunk.code).not.toContain(en.session.otherwise)
    const sources = modules().filter((one) => /^web\/src\/(?!text\/).*\.tsx?$/.test(one))
    const meant = sources.filter((one) => /\btext\.(?:session|models|try|activity|connect|settings|firstRun|palette)\b/.test(read(one)))
    expect(sources.length).toBeGreaterThan(40)
    expect(meant).toEqual([])
  })
  it('touches no address and no storage of the app', () => {
    expect(modules().filter((one) => /web\/src\/(?:route|theme|session)\.ts$/.test(one))).toEqual([])
    expect(chunk.code).not.toMatch(/\blocalStorage\b|\bsessionStorage\b|\blocation\./)
  })
  it('puts no text into a page but as text', () =>
    expect(chunk.code).not.toMatch(/insertAdjacentHTML|document\.write|\beval\(|new Function/))
  it('has the names that its types have', () => {
    expect(chunk.exports).toEqual(['defineElements'])
    expect(types).toContain('export declare function defineElements(')
    expect([...types.matchAll(/from '([^']+)'/g)].map(([, name]) => name)).toEqual(['./client.js'])
  })
  it('can be imported where there are no elements', async () => {
    const { defineElements } = await import(pathToFileURL(join(folder, 'elements.js')).href)
    expect(() => defineElements()).not.toThrow()
  })
  it('is not left out of an app that only imports it', async () => {
    const entry = join(folder, 'app.js')
    await writeFile(entry, "import './elements.js'\n")
    const { output } = (await build({
      configFile: false,
      root: folder,
      logLevel: 'silent',
      build: { write: false, rolldownOptions: { input: entry } },
    })) as Rolldown.RolldownOutput
    expect(output[0].code).toContain('modelyard-switch')
  })
})

describe('defining the elements', () => {
  it('leaves alone what is defined', () => {
    const defined = new Map<string, unknown>([['modelyard-switch', 'by another copy']])
    const registry = { get: (name: string) => defined.get(name), define: (name: string, one: unknown) => void defined.set(name, one) }
    define(registry as never, { 'modelyard-switch': 'ours', 'modelyard-downloads': 'ours' } as never)
    expect([...defined]).toEqual([
      ['modelyard-switch', 'by another copy'],
      ['modelyard-downloads', 'ours'],
    ])
  })
})
