import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin } from 'vite'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** The elements: one module with everything in it, its style sheet too, beside the other entries of the package. */
export default defineConfig({
  root: here('.'),
  publicDir: false,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [declarations()],
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
