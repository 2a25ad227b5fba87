/** The floors of docs/architecture: a file imports from lower floors only, types included, and nothing goes in circles. */
import { cruise, type ICruiseResult } from 'dependency-cruiser'
import { describe, expect, it } from 'vitest'

/** Neighbours on one floor do not know each other. */
const floors: readonly (readonly string[])[] = [
  ['contract', 'util'],
  ['platform', 'client'],
  ['events', 'store', 'catalog', 'providers'],
  ['switching', 'watching', 'downloads', 'testing'],
  ['ingestion'],
  ['yard', 'modelyard.ts'],
  ['api', 'gateway'],
  ['server', 'index.ts'],
  ['cli'],
]

const floorOf = (subject: string): number => floors.findIndex((floor) => floor.includes(subject))
const subjectOf = (path: string): string => path.replace(/^src\//, '').split('/')[0] ?? ''

/** Same subject, a lower floor; or the whole yard, which floor 5 and its entry share. */
function allowed(from: string, to: string): boolean {
  const [a, b] = [subjectOf(from), subjectOf(to)]
  if (a === b || floorOf(b) < floorOf(a)) return true
  return floors[5]?.includes(a) === true && floors[5].includes(b)
}

async function dependencies(): Promise<{ from: string; to: string; circular: boolean }[]> {
  const { output } = await cruise(['src'], {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.json'], exportsFields: ['exports'], conditionNames: ['import', 'types', 'node'] },
  }, undefined, { tsConfig: {} } as never)
  return (output as ICruiseResult).modules.flatMap((module) =>
    module.dependencies.filter((one) => one.resolved.startsWith('src/')).map((one) => ({ from: module.source, to: one.resolved, circular: one.circular })),
  )
}

describe('floors', async () => {
  const all = await dependencies()

  it('sees the sources', () => expect(all.length).toBeGreaterThan(50))
  it('knows every folder', () => expect(all.map(({ from }) => from).filter((path) => floorOf(subjectOf(path)) < 0)).toEqual([]))
  it('imports only from lower floors', () => expect(all.filter(({ from, to }) => !allowed(from, to)).map(({ from, to }) => `${from} -> ${to}`)).toEqual([]))
  it('has no circles', () => expect(all.filter((one) => one.circular).map(({ from, to }) => `${from} -> ${to}`)).toEqual([]))
})
