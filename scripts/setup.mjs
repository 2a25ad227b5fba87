/**
 * Installs and builds what is missing, says so, and does nothing when all is there: packages, the embedded engine (in
 * a folder of its own), the program. Needs nothing but Node and npm.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'

export function setUp() {
  checkNode()
  installPackages()
  installEngine()
  build()
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  fail(`Node 20.19 or newer is needed, this is ${process.versions.node}.`)
}

function installPackages() {
  const stamp = join(root, 'node_modules', '.set-up')
  const wanted = hashOf([join(root, 'package.json'), join(root, 'web', 'package.json'), join(root, 'package-lock.json')])
  if (read(stamp) === wanted) return
  say('installing packages')
  run(npm, ['ci', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'])
  writeFileSync(stamp, wanted)
}

function installEngine() {
  run(process.execPath, [join(root, 'scripts', 'install-engine.mjs')])
}

/** Built anew when a source, or what the build is told, has changed. */
function build() {
  const stamp = join(root, 'dist', '.built')
  const files = [
    ...filesBelow(join(root, 'src')),
    ...filesBelow(join(root, 'web')).filter((path) => !path.includes(`${sep}node_modules${sep}`)),
    ...['package.json', 'package-lock.json', 'tsdown.config.ts', 'tsconfig.json'].map((name) => join(root, name)),
  ]
  const wanted = hashOf(files)
  if (read(stamp) === wanted) return
  say('building')
  run(process.execPath, [join(root, 'node_modules', 'tsdown', 'dist', 'run.mjs'), '--log-level', 'warn'])
  const vite = [join(root, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', 'web', '--logLevel', 'warn']
  run(process.execPath, vite)
  run(process.execPath, [...vite, '--config', join('web', 'vite.elements.config.ts')])
  writeFileSync(stamp, wanted)
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => statSync(path).isFile())
    .sort()
}

function hashOf(files) {
  const hash = createHash('sha256')
  for (const file of files) hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0')
  return hash.digest('hex')
}

const read = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined)
const say = (what) => process.stderr.write(`setup: ${what}\n`)

function run(command, args) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32' && command === npm,
  })
  if (error) fail(`${command} could not be started: ${error.message}`)
  if (status !== 0) process.exit(status ?? 1)
}

function fail(message) {
  process.stderr.write(`setup: ${message}\n`)
  process.exit(1)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) setUp()
