/** The floors of docs/architecture: a file imports from lower floors only, types included, and nothing goes in circles. */
import { cruise, type ICruiseResult } from 'dependency-cruiser'
import { describe, expect, it } from 'vitest'

/** Neighbours on one floor do not know each other. */
const floors: readonly (readonly string[])[] = [
  ['contract', 'util'],
  ['platform', 'client'],
  ['events', 'store', 'catalog', 'library', 'providers'],
  ['switching', 'watching', 'downloads', 'testing'],
  ['ingestion'],
  ['yard', 'modelyard.ts'],
  ['api', 'gateway'],
  ['server', 'index.ts'],
  ['cli'],
]

const floorOf = (subject: string): number => floors.findIndex((floor) => floor.includes(subject))
const subjectOf = (path: string): string => path.replace(/^src\//, '').split('/')[0] ?? ''

/** The entry of a floor joins what is beside it; nobody else knows a neighbour. */
const entries: Readonly<Record<string, string>> = { 'modelyard.ts': 'yard', 'index.ts': 'server' }

/** Same subject, or a lower floor. */
function allowed(from: string, to: string): boolean {
  const [a, b] = [subjectOf(from), subjectOf(to)]
  return a === b || floorOf(b) < floorOf(a) || entries[a] === b
}

async function dependencies(): Promise<{ from: string; to: string; circular: boolean }[]> {
  const { output } = await cruise(
    ['src'],
    {
      tsPreCompilationDeps: true,
      tsConfig: { fileName: 'tsconfig.json' },
      doNotFollow: { path: 'node_modules' },
      enhancedResolveOptions: {
        extensions: ['.ts', '.js', '.json'],
        exportsFields: ['exports'],
        conditionNames: ['import', 'types', 'node'],
      },
    },
    undefined,
    { tsConfig: {} } as never,
  )
  return (output as ICruiseResult).modules.flatMap((module) =>
    module.dependencies
      .filter((one) => one.resolved.startsWith('src/'))
      .map((one) => ({ from: module.source, to: one.resolved, circular: one.circular })),
  )
}

describe('floors', async () => {
  const all = await dependencies()

  it('would see a wrong import', () => {
    expect(allowed('src/store/store.ts', 'src/switching/ports.ts')).toBe(false)
    expect(allowed('src/store/store.ts', 'src/events/bus.ts')).toBe(false)
    expect(allowed('src/switching/ports.ts', 'src/store/store.ts')).toBe(true)
  })
  it('sees the sources', () => expect(all.length).toBeGreaterThan(50))
  it('knows every folder', () => expect(all.map(({ from }) => from).filter((path) => floorOf(subjectOf(path)) < 0)).toEqual([]))
  it('imports only from lower floors', () =>
    expect(all.filter(({ from, to }) => !allowed(from, to)).map(({ from, to }) => `${from} -> ${to}`)).toEqual([]))
  it('has no circles', () => expect(all.filter((one) => one.circular).map(({ from, to }) => `${from} -> ${to}`)).toEqual([]))
})
