#!/usr/bin/env node
/** The `modelyard` command. What needs nothing else is answered before anything else is loaded. */
import { version } from '../util/version.ts'

const words = process.argv.slice(2)
const asksVersion = ['--version', '-V', 'version'].includes(words[0] ?? '')

if (asksVersion && words.slice(1).every((word) => word === '--json')) {
  process.stdout.write(words.includes('--json') ? `${JSON.stringify({ version: version })}\n` : `${version}\n`)
} else {
  const { run } = await import('./run.ts')
  process.exitCode = await run(words)
}
