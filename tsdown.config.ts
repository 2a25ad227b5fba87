import { cpSync, existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'tsdown'

/**
 * Everything is bundled, dependencies too: a start reads a few files instead of hundreds. Only what a bundle cannot
 * hold stays outside: the embedded engine, which lives in a folder of its own.
 */
export default defineConfig({
  entry: {
    index: 'src/index.ts',
    client: 'src/client/index.ts',
    testing: 'src/testing/index.ts',
    cli: 'src/cli/main.ts',
    'hash-worker': 'src/platform/hash-worker.ts',
    'net-worker': 'src/downloads/net-worker.ts',
    'walk-worker': 'src/platform/walk-worker.ts',
    'embedded-child': 'src/providers/embedded/child.ts',
  },
  format: 'esm',
  platform: 'node',
  target: 'node20',
  outDir: 'dist',
  clean: true,
  fixedExtension: false,
  // Both have an entry for bundlers only under a name that this one does not look for.
  alias: {
    'jsonc-parser': 'jsonc-parser/lib/esm/main.js',
    '@opentelemetry/api': fileURLToPath(new URL('node_modules/@opentelemetry/api/dist/index.mjs', import.meta.url)),
  },
  dts: true,
  sourcemap: false,
  external: [/^node-llama-cpp/],
  noExternal: [/^(?!node-llama-cpp|node:)/],
  hooks: {
    'build:done': () => {
      if (existsSync('src/testing/recorded')) cpSync('src/testing/recorded', 'dist/recorded', { recursive: true })
    },
  },
})
