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

interface Import {
  readonly from: string
  readonly to: string
  readonly circular: boolean
}

/** The imports between files of the project below a folder, each as it is resolved. */
async function importsBelow(folder: string, tsConfig: string): Promise<Import[]> {
  const { output } = await cruise(
    [folder],
    {
      tsPreCompilationDeps: true,
      tsConfig: { fileName: tsConfig },
      doNotFollow: { path: 'node_modules' },
      enhancedResolveOptions: {
        extensions: ['.ts', '.tsx', '.js', '.json'],
        exportsFields: ['exports'],
        conditionNames: ['import', 'types', 'node'],
      },
    },
    undefined,
    { tsConfig: {} } as never,
  )
  return (output as ICruiseResult).modules
    .filter((module) => module.source.startsWith(`${folder}/`))
    .flatMap((module) => module.dependencies.map((one) => ({ from: module.source, to: one.resolved, circular: one.circular })))
    .filter(({ to }) => /^(?:src|web)\//.test(to))
}

const shown = ({ from, to }: Import): string => `${from} -> ${to}`

describe('floors', async () => {
  const all = await importsBelow('src', 'tsconfig.json')

  it('would see a wrong import', () => {
    expect(allowed('src/store/store.ts', 'src/switching/ports.ts')).toBe(false)
    expect(allowed('src/store/store.ts', 'src/events/bus.ts')).toBe(false)
    expect(allowed('src/switching/ports.ts', 'src/store/store.ts')).toBe(true)
  })
  it('sees the sources', () => expect(all.length).toBeGreaterThan(50))
  it('knows every folder', () => expect(all.map(({ from }) => from).filter((path) => floorOf(subjectOf(path)) < 0)).toEqual([]))
  it('imports only from lower floors', () => expect(all.filter(({ from, to }) => !allowed(from, to)).map(shown)).toEqual([]))
  it('has no circles', () => expect(all.filter((one) => one.circular).map(shown)).toEqual([]))
})

/** The page: words and addresses below, then what is known and the plain parts, the panels, and what joins them. */
const pageFloors: readonly (readonly string[])[] = [
  ['sdk.ts', 'session.ts', 'session-context.ts', 'route.ts', 'theme.ts', 'text'],
  ['yard', 'ui'],
  ['panels'],
  ['frame', 'palette', 'elements'],
  ['app.tsx'],
  ['main.tsx'],
]
const pageFloorOf = (path: string): number =>
  pageFloors.findIndex((floor) => floor.includes(path.replace(/^web\/src\//, '').split('/')[0] ?? ''))
/** A panel is a neighbour of the others; what a person sees before there is a model is part of the panel that it stands in for. */
const panelOf = (path: string): string => /^web\/src\/panels\/([^/]+)/.exec(path)?.[1] ?? ''

function allowedInPage(from: string, to: string): boolean {
  if (to.startsWith('src/')) return from === 'web/src/sdk.ts' && /^src\/(?:client|contract)\//.test(to)
  const [a, b] = [panelOf(from), panelOf(to)]
  if (a !== '' && b !== '' && a !== b) return b === 'first-run'
  return pageFloorOf(to) <= pageFloorOf(from)
}

describe('floors of the page', async () => {
  const all = await importsBelow('web/src', 'web/tsconfig.json')

  it('would see a wrong import', () => {
    expect(allowedInPage('web/src/ui/button.tsx', 'web/src/panels/switch/filter.ts')).toBe(false)
    expect(allowedInPage('web/src/panels/get/get-panel.tsx', 'web/src/panels/switch/filter.ts')).toBe(false)
    expect(allowedInPage('web/src/yard/yard.ts', 'src/client/client.ts')).toBe(false)
    expect(allowedInPage('web/src/sdk.ts', 'src/store/store.ts')).toBe(false)
  })
  it('sees the sources', () => expect(all.length).toBeGreaterThan(50))
  it('knows every folder', () => expect(all.map(({ from }) => from).filter((path) => pageFloorOf(path) < 0)).toEqual([]))
  it('imports only from lower floors, and of the rest of the project only the client and the contract', () =>
    expect(all.filter(({ from, to }) => !allowedInPage(from, to)).map(shown)).toEqual([]))
})
