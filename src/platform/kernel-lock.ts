/**
 * A lock that the kernel releases when its holder dies, however it dies: a listening socket, named by the device and
 * inode of the locked folder, so that every path to that folder means the same lock. The holder proves by a challenge
 * that it knows a nonce, and can be asked for something by whoever knows it too.
 *
 * Linux: abstract socket (no file). Windows: named pipe. Elsewhere: a socket file beside a file that is opened with an
 * exclusive lock, since a socket file outlives its holder.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { constants, open, rm, stat } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface KernelLock {
  /** Idempotent. */
  release(): Promise<void>
}

export interface HolderOptions {
  /** What the holder proves to know. */
  readonly nonce?: string
  /** Called for a proven wish; what it answers goes back. */
  readonly onAsk?: (wish: string) => void
}

const answerMs = 2000
const maxLineBytes = 1024

/** The lock, or undefined when somebody has it. */
export async function tryLock(folder: string, purpose: string, options: HolderOptions = {}): Promise<KernelLock | undefined> {
  const address = await addressOf(folder, purpose)
  const file = address.lockFile === undefined ? undefined : await openExclusive(address.lockFile)
  if (address.lockFile !== undefined && file === undefined) return undefined
  if (address.lockFile !== undefined) await rm(address.path, { force: true })
  const server = createServer((socket) => answer(socket, options))
  if (!(await listening(server, address.path))) {
    await file?.close()
    return undefined
  }
  server.unref()
  return { release: () => release(server, file) }
}

/** Waits until the lock is free: asks again whenever its holder lets go of it. */
export async function waitForLock(folder: string, purpose: string, signal: AbortSignal): Promise<KernelLock> {
  for (;;) {
    signal.throwIfAborted()
    const lock = await tryLock(folder, purpose)
    if (lock) return lock
    await holderGone(await addressOf(folder, purpose), signal)
  }
}

/** Does the holder of the lock know the nonce? False also when nobody holds it. */
export async function holderKnows(folder: string, purpose: string, nonce: string): Promise<boolean> {
  const challenge = randomBytes(32).toString('hex')
  const said = await exchange(folder, purpose, { challenge })
  return typeof said?.proof === 'string' && equal(said.proof, proofOf(nonce, 'holder', challenge))
}

/** Asks the holder for something; false when nobody who knows the nonce holds the lock. */
export async function askHolder(folder: string, purpose: string, { nonce, wish }: { nonce: string; wish: string }): Promise<boolean> {
  if (!(await holderKnows(folder, purpose, nonce))) return false
  const salt = randomBytes(32).toString('hex')
  const said = await exchange(folder, purpose, { wish, salt, proof: proofOf(nonce, `ask:${wish}`, salt) })
  return said?.done === true
}

interface Address {
  readonly path: string
  readonly lockFile?: string | undefined
}

async function addressOf(folder: string, purpose: string): Promise<Address> {
  const { dev, ino } = await stat(folder, { bigint: true })
  const name = `modelyard-${dev.toString(36)}-${ino.toString(36)}-${purpose}`
  if (process.platform === 'linux') return { path: `\0${name}` }
  if (process.platform === 'win32') return { path: `\\\\.\\pipe\\${name}` }
  return { path: join(tmpdir(), `${name}.sock`), lockFile: join(folder, `.${purpose}.lock`) }
}

/** `O_EXLOCK` of the BSDs and macOS: the lock goes with the file descriptor. */
async function openExclusive(path: string): Promise<FileHandle | undefined> {
  const exclusive = 0x20
  try {
    return await open(path, constants.O_CREAT | constants.O_RDWR | constants.O_NONBLOCK | exclusive, 0o600)
  } catch {
    return undefined
  }
}

function listening(server: Server, path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(false) : reject(error)))
    server.listen({ path }, () => resolve(true))
  })
}

async function release(server: Server, file: FileHandle | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    for (const socket of sockets.get(server) ?? []) socket.destroy()
  })
  await file?.close().catch(() => undefined)
}

const sockets = new WeakMap<Server, Set<Socket>>()

/** Whoever waits for the lock keeps a connection open: its end says that the holder is gone. */
function answer(socket: Socket, options: HolderOptions): void {
  const server = (socket as Socket & { server?: Server }).server
  if (server) track(server, socket)
  socket.on('error', () => socket.destroy())
  socket.unref()
  let received = ''
  socket.on('data', (data: Buffer) => {
    received += data.toString('latin1')
    if (received.length > maxLineBytes) return void socket.destroy()
    const end = received.indexOf('\n')
    if (end !== -1) socket.end(`${JSON.stringify(reply(received.slice(0, end), options))}\n`)
  })
}

function track(server: Server, socket: Socket): void {
  const all = sockets.get(server) ?? new Set()
  all.add(socket)
  sockets.set(server, all)
  socket.once('close', () => all.delete(socket))
}

function reply(line: string, { nonce, onAsk }: HolderOptions): Record<string, unknown> {
  const said = parse(line)
  if (nonce === undefined || !said) return {}
  if (typeof said.challenge === 'string') return { proof: proofOf(nonce, 'holder', said.challenge) }
  const { wish, salt, proof } = said
  if (typeof wish !== 'string' || typeof salt !== 'string' || typeof proof !== 'string') return {}
  if (!equal(proof, proofOf(nonce, `ask:${wish}`, salt))) return {}
  onAsk?.(wish)
  return { done: true }
}

const proofOf = (nonce: string, role: string, salt: string): string => createHmac('sha256', nonce).update(`${role}\0${salt}`).digest('hex')

function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

async function exchange(folder: string, purpose: string, message: Record<string, unknown>): Promise<Record<string, unknown> | undefined> {
  const { path } = await addressOf(folder, purpose)
  return new Promise((resolve) => {
    const socket = connect({ path })
    let received = ''
    socket.setTimeout(answerMs, () => socket.destroy())
    socket.on('connect', () => socket.write(`${JSON.stringify(message)}\n`))
    socket.on('data', (data: Buffer) => {
      received += data.toString('latin1')
      if (received.length > maxLineBytes) socket.destroy()
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => resolve(parse(received)))
  })
}

/** Resolves when the holder closes the connection, which its death does too. */
function holderGone({ path }: Address, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ path })
    const leave = (): void => void socket.destroy()
    signal.addEventListener('abort', leave, { once: true })
    socket.on('error', leave)
    socket.on('close', () => {
      signal.removeEventListener('abort', leave)
      resolve()
    })
    socket.resume()
    // It may have come before anybody listened.
    if (signal.aborted) leave()
  })
}
