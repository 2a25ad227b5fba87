import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin } from 'vite'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Parts of the page of which nothing is in an element: their words, a third of it all, stay out. */
const pageOnly = new Set(['session', 'models', 'try', 'activity', 'connect', 'settings', 'firstRun', 'palette'])

/** The elements: one module with everything in it, its style sheet too, beside the other entries of the package. */
export default defineConfig({
  root: here('.'),
  publicDir: false,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [declarations(), withoutWordsOf(pageOnly)],
  build: {
    outDir: here('../dist'),
    emptyOutDir: false,
    target: 'es2022',
    // `light-dark()` stays what it is.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    modulePreload: { polyfill: false },
    // No library mode: it leaves the white space in.
    rolldownOptions: {
      input: here('src/elements/index.ts'),
      preserveEntrySignatures: 'strict',
      output: { entryFileNames: 'elements.js', codeSplitting: false },
    },
  },
})

/** What a host sees is written in one file of types; the package has the rest of them in `modelyard/client`. */
function declarations(): Plugin {
  const types = (): string => readFileSync(here('src/elements/types.ts'), 'utf8').replace("'../sdk.ts'", "'./client.js'")
  const own = "export declare function defineElements(registry?: Pick<CustomElementRegistry, 'get' | 'define'>): void\n"
  return {
    name: 'declarations',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'elements.d.ts', source: types() + own })
    },
  }
}

function withoutWordsOf(parts: ReadonlySet<string>): Plugin {
  return {
    name: 'without-words',
    enforce: 'post',
    transform(code, id) {
      if (id !== here('src/text/en.ts')) return undefined
      const declared = this.parse(code).body.flatMap((one) =>
        one.type === 'ExportNamedDeclaration' && one.declaration?.type === 'VariableDeclaration' ? one.declaration.declarations : [],
      )
      const { init } = declared.find((one) => one.id.type === 'Identifier' && one.id.name === 'en') ?? {}
      if (init?.type !== 'ObjectExpression') throw new Error('the catalogue of words is not where it was')
      const cuts = init.properties.filter((one) => one.type === 'Property' && one.key.type === 'Identifier' && parts.has(one.key.name))
      return {
        code: cuts.reduceRight((text, { start, end }) => text.slice(0, start) + text.slice(text[end] === ',' ? end + 1 : end), code),
        map: null,
      }
    },
  }
}
