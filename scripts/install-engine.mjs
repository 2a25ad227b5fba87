/**
 * Installs the embedded engine's package into a folder of its own: one platform, CPU only unless a GPU is found. A
 * plain install would pull the binaries of every platform and GPU, nine times as much. Does nothing when it is there.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const version = '3.22.1'
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const folder = join(root, '.engines', `node-llama-cpp-${version}`)
const marker = join(folder, '.tested')

const platforms = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'darwin-arm64': 'mac-arm64-metal',
  'darwin-x64': 'mac-x64',
  'win32-x64': 'win-x64',
  'win32-arm64': 'win-arm64',
}

try {
  if (!existsSync(marker)) install()
} catch (error) {
  say(`the embedded engine could not be installed: ${error.message}`)
  process.exitCode = 1
}

function install() {
  const platform = platforms[`${process.platform}-${process.arch}`]
  if (!platform) return say(`there is no embedded engine for ${process.platform}-${process.arch}; everything else works without it`)
  mkdirSync(dirname(folder), { recursive: true })
  const draft = mkdtempSync(join(dirname(folder), '.installing-'))
  try {
    const packages = ['node-llama-cpp', `@node-llama-cpp/${platform}`, ...gpuPackages(platform)].map((name) => `${name}@${version}`)
    say(`installing the embedded engine (${packages.join(', ')})`)
    writeFileSync(join(draft, 'package.json'), '{"private":true}\n')
    run(
      process.platform === 'win32' ? 'npm.cmd' : 'npm',
      ['install', ...packages, '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'],
      draft,
    )
    // The history of llama.cpp, for builds from source that never happen here.
    rmSync(join(draft, 'node_modules', 'node-llama-cpp', 'llama', 'gitRelease.bundle'), { force: true })
    const test = join(draft, 'self-test.mjs')
    writeFileSync(test, selfTest(draft))
    run(process.execPath, [test], draft)
    writeFileSync(join(draft, '.tested'), `${new Date().toISOString()}\n`)
    rmSync(folder, { recursive: true, force: true })
    renameSync(draft, folder)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

/** NVIDIA's, where its own tool answers; elsewhere the CPU serves. */
function gpuPackages(platform) {
  if (platform !== 'linux-x64' && platform !== 'win-x64') return []
  const { status } = spawnSync('nvidia-smi', ['-L'], { stdio: 'ignore', timeout: 5000 })
  return status === 0 ? [`@node-llama-cpp/${platform}-cuda`] : []
}

/** It counts as installed only when llama.cpp could be loaded. */
function selfTest(draft) {
  const entry = pathToFileURL(join(draft, 'node_modules', 'node-llama-cpp', 'dist', 'index.js')).href
  return `const { getLlama } = await import(${JSON.stringify(entry)}); const llama = await getLlama({ build: 'never', skipDownload: true, gpu: false, logLevel: 'error' }); await llama.dispose(); process.exit(0)`
}

function run(command, args, cwd) {
  const { status, error } = spawnSync(command, args, { cwd, stdio: ['ignore', 2, 2], shell: command === 'npm.cmd' })
  if (status === 0) return
  throw new Error(error ? `${command} could not be started: ${error.message}` : `${command} ended with ${status}`)
}

function say(what) {
  process.stderr.write(`setup: ${what}\n`)
}
