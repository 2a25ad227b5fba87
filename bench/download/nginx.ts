/** What serves the downloads: nginx on a free port of this machine, a file of random bytes, and a count of what it sent. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, open, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Served extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly bytes: number
  readonly sha256: string
  /** A folder for whoever downloads, on the same volume. */
  readonly folder: string
  /** Bytes of bodies since the last time. */
  sent(): Promise<number>
}

const pieceBytes = 64 * 2 ** 20

export async function served(bytes: number): Promise<Served> {
  const home = await mkdtemp(join(tmpdir(), 'modelyard-bench-'))
  const sha256 = await writeContent(join(home, 'model'), bytes)
  const port = await freePort()
  const log = join(home, 'access.log')
  await mkdir(join(home, 'out'))
  await writeFile(join(home, 'nginx.conf'), configuration(home, port))
  const child = spawn('nginx', ['-p', home, '-c', join(home, 'nginx.conf'), '-e', 'stderr'], { stdio: ['ignore', 'ignore', 'inherit'] })
  // Interrupted, too, it leaves nothing behind.
  const leave = (): void => {
    child.kill('SIGKILL')
    rmSync(home, { recursive: true, force: true })
  }
  process.once('exit', leave)
  await listening(child, port)
  return {
    url: `http://127.0.0.1:${port}/model`,
    port,
    bytes,
    sha256,
    folder: join(home, 'out'),
    async sent() {
      const lines = (await readFile(log, 'utf8')).trim().split('\n')
      await truncate(log)
      return lines.reduce((sum, line) => sum + Number(line), 0)
    },
    async [Symbol.asyncDispose]() {
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      await gone
      process.off('exit', leave)
      await rm(home, { recursive: true })
    },
  }
}

async function writeContent(path: string, bytes: number): Promise<string> {
  const file = await open(path, 'w', 0o644)
  const hash = createHash('sha256')
  const piece = randomBytes(pieceBytes)
  piece.write('GGUF')
  for (let at = 0; at < bytes; at += pieceBytes) {
    piece.writeDoubleLE(at, 8)
    const part = piece.subarray(0, Math.min(pieceBytes, bytes - at))
    hash.update(part)
    await file.write(part)
  }
  await file.sync()
  await file.close()
  return hash.digest('hex')
}

const configuration = (home: string, port: number): string => `
daemon off; master_process off; worker_processes 1; pid ${home}/pid;
events { worker_connections 256; }
http {
  log_format sent '$body_bytes_sent';
  access_log ${home}/access.log sent;
  client_body_temp_path ${home}/b; proxy_temp_path ${home}/p; fastcgi_temp_path ${home}/f; uwsgi_temp_path ${home}/u; scgi_temp_path ${home}/s;
  sendfile on; tcp_nopush on; keepalive_requests 100000; default_type application/octet-stream;
  server { listen 127.0.0.1:${port}; root ${home}; }
}
`

async function freePort(): Promise<number> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function listening(child: ChildProcess, port: number): Promise<void> {
  while (child.exitCode === null) {
    const socket = connect(port, '127.0.0.1')
    const open = await new Promise<boolean>((resolve) => socket.once('connect', () => resolve(true)).once('error', () => resolve(false)))
    socket.destroy()
    if (open) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error('nginx did not start')
}
