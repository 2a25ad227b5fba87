/**
 * WebKitGTK as packaged windows on Linux have it: its MiniBrowser, driven over WebDriver, on a display that nobody
 * sees. Everything is a child of ours with a home of its own; nothing of it is left.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { findWebKit } from '../../scripts/test-tools.mjs'
import { gone, sessionGone } from './processes.ts'
import { type DrivenPage, type Driver, openSession } from './webdriver.ts'

export interface WebKitBrowser extends DrivenPage, AsyncDisposable {
  /** Such as 2.50.6. */
  readonly version: string
}

interface Size {
  readonly width: number
  readonly height: number
}

/** Why the tests with it are left out here, or undefined. */
export const withoutWebKit: string | undefined = findWebKit()
  ? undefined
  : 'WebKitGTK is left out: webkit2gtk-driver and xvfb are not installed'

export async function webkitBrowser(size: Size = { width: 1280, height: 800 }): Promise<WebKitBrowser> {
  const tools = findWebKit()
  if (!tools) throw new TypeError(withoutWebKit)
  const cleanUp: CleanUp = []
  const end = async (): Promise<void> => {
    for (const step of cleanUp.splice(0)) await step()
  }
  try {
    const page = await startPage(tools, size, cleanUp)
    return { ...page, [Symbol.asyncDispose]: end }
  } catch (error) {
    await end()
    throw error
  }
}

/** Steps in their order. */
type CleanUp = (() => unknown)[]

async function startPage(
  { driver, browser, xvfb }: NonNullable<ReturnType<typeof findWebKit>>,
  size: Size,
  cleanUp: CleanUp,
): Promise<Driver> {
  const home = await mkdtemp(join(tmpdir(), 'modelyard-webkit-'))
  cleanUp.unshift(() => rm(home, { recursive: true, force: true, maxRetries: 5 }))
  const display = await startDisplay(xvfb, size, cleanUp)
  const url = await startDriver(driver, environmentOf(home, display), cleanUp)
  const page = await openSession(url, { 'webkitgtk:browserOptions': { binary: browser, args: ['--automation'] } })
  cleanUp.unshift(() => page.quit().catch(() => undefined))
  await page.resize(size.width, size.height)
  return page
}

/** No bus, no settings, no files of whoever runs the test. As root there is no sandbox to be had: only our own pages are shown. */
const environmentOf = (home: string, display: string): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: home,
  TMPDIR: home,
  XDG_RUNTIME_DIR: home,
  DISPLAY: display,
  GDK_BACKEND: 'x11',
  GSETTINGS_BACKEND: 'memory',
  DBUS_SESSION_BUS_ADDRESS: 'disabled:',
  NO_AT_BRIDGE: '1',
  LANG: 'C.UTF-8',
  LIBGL_ALWAYS_SOFTWARE: '1',
  ...(process.getuid?.() === 0 && { WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1' }),
})

/** It chooses a free number itself, and says it. */
async function startDisplay(program: string, { width, height }: Size, cleanUp: CleanUp): Promise<string> {
  const args = ['-displayfd', '3', '-screen', '0', `${width}x${height}x24`, '-nolisten', 'tcp']
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] })
  cleanUp.unshift(async () => {
    child.kill('SIGTERM')
    if (child.pid !== undefined) await gone(child.pid)
  })
  const [number] = await Promise.race([once(createInterface({ input: child.stdio[3] as Readable }), 'line'), ended(child, program)])
  return `:${number}`
}

/** With a session of its own, which the browser and its processes are in too. */
async function startDriver(program: string, env: NodeJS.ProcessEnv, cleanUp: CleanUp): Promise<string> {
  const child = spawn(program, ['--host=127.0.0.1', '--port=0'], { env, stdio: 'ignore', detached: true })
  const failed = ended(child, program)
  failed.catch(() => undefined)
  await Promise.race([once(child, 'spawn'), failed])
  const pid = child.pid as number
  cleanUp.unshift(() => {
    try {
      process.kill(-pid, 'SIGKILL')
    } catch {}
    return sessionGone(pid)
  })
  return `http://127.0.0.1:${await Promise.race([portOf(pid), failed])}`
}

async function ended(child: ChildProcess, program: string): Promise<never> {
  const [code] = await Promise.race([once(child, 'exit'), once(child, 'error')])
  throw new Error(`${program} ended: ${String(code)}`)
}

/** It takes a free port and tells nobody; the system knows. */
async function portOf(pid: number): Promise<number> {
  for (;;) {
    const inodes = new Set(await socketsOf(pid))
    const rows = (await readFile('/proc/net/tcp', 'utf8')).split('\n').map((row) => row.trim().split(/\s+/))
    // Of each: local address, other address, state (0A: it listens), …, inode.
    const found = rows.find((row) => row[3] === '0A' && inodes.has(row[9] ?? ''))
    if (found) return Number.parseInt(found[1]?.split(':')[1] ?? '', 16)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

async function socketsOf(pid: number): Promise<string[]> {
  const folder = `/proc/${pid}/fd`
  const names = await readdir(folder).catch(() => [])
  const links = await Promise.all(names.map((name) => readlink(join(folder, name)).catch(() => '')))
  return links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? [])
}
