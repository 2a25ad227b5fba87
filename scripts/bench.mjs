/** `npm run bench`, `npm run bench:download` and the like: sets up what is missing and prints the figures, each beside its peer of the same run. */
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setUp } from './setup.mjs'

setUp()
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const [first = '', ...others] = process.argv.slice(2)
const [file, args] = first.endsWith('.ts') ? [first, others] : ['run.ts', process.argv.slice(2)]
const { status } = spawnSync(process.execPath, ['--import', 'tsx', join(root, 'bench', file), ...args], {
  cwd: root,
  stdio: 'inherit',
})
process.exitCode = status ?? 1
