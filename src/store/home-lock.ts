/** One service per home: whoever holds its lock says in `server.json` where it is, and proves that it wrote it. */
import { randomBytes } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { ModelyardError } from '../contract/index.ts'
import { makePrivateFolder, replaceFile } from '../platform/atomic-file.ts'
import { askHolder, holderKnows, tryLock } from '../platform/kernel-lock.ts'

const purpose = 'home'
const serverFile = z.object({ url: z.string(), pid: z.number().int(), nonce: z.string() })

export interface Service {
  readonly url: string
  readonly pid: number
  readonly nonce: string
}

export interface HeldHome {
  readonly nonce: string
  /** Says where the service listens. */
  publish(service: { url: string; pid: number }): Promise<void>
  /** Idempotent. */
  release(): Promise<void>
}

/** Throws `home_held`, naming the holder where it can be known. `onAsk` is called with `stop`. */
export async function holdHome(home: string, { onAsk }: { onAsk?: (wish: string) => void } = {}): Promise<HeldHome> {
  await makePrivateFolder(home)
  const nonce = randomBytes(32).toString('hex')
  const lock = await tryLock(home, purpose, { nonce, ...(onAsk && { onAsk }) })
  if (!lock) throw await heldBy(home)
  const path = pathOf(home)
  // What a dead holder left would send clients to whoever listens there now.
  await rm(path, { force: true })
  let released = false
  return {
    nonce,
    publish: (service) => replaceFile(path, `${JSON.stringify({ ...service, nonce })}\n`, { mode: 0o600 }),
    async release() {
      if (released) return
      released = true
      await rm(path, { force: true })
      await lock.release()
    },
  }
}

async function heldBy(home: string): Promise<ModelyardError> {
  const service = await findService(home)
  const who = service ? `the service at ${service.url} (process ${service.pid})` : 'another Modelyard process'
  return new ModelyardError('home_held', `${home} is held by ${who}.`, { details: service && { url: service.url, pid: service.pid } })
}

/** The running service of a home, once it has proved that it is the one. */
export async function findService(home: string): Promise<Service | undefined> {
  const service = await readServerFile(home)
  if (!service) return undefined
  return (await holderKnows(home, purpose, service.nonce)) ? service : undefined
}

/** Asks the running service for something, such as `stop`; false when none runs. */
export async function askService(home: string, wish: string): Promise<boolean> {
  const service = await readServerFile(home)
  return service !== undefined && askHolder(home, purpose, { nonce: service.nonce, wish })
}

/** Nobody holds the home, at this moment. */
export async function homeIsFree(home: string): Promise<boolean> {
  const lock = await tryLock(home, purpose)
  await lock?.release()
  return lock !== undefined
}

const pathOf = (home: string): string => join(home, 'server.json')

async function readServerFile(home: string): Promise<Service | undefined> {
  try {
    return serverFile.parse(JSON.parse(await readFile(pathOf(home), 'utf8')))
  } catch {
    return undefined
  }
}
