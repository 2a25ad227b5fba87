/**
 * One connection over which one request after the other is asked, HTTP/1.1 straight on the socket: bytes are read into
 * the buffer they are written from. Measured against a client with streams this is a quarter of the work.
 */
import { connect as connectPlain, isIP, type LookupFunction, type Socket } from 'node:net'
import { connect as connectTls, rootCertificates } from 'node:tls'
import { lookUp } from '../platform/look-up.ts'
import { isPrivateAddress } from '../platform/private-address.ts'
import { guardedLookUp } from '../platform/private-network.ts'
import { InBetween, Woken } from './failures.ts'
import { type Endpoint, type Target, tunnelOf } from './request.ts'
import { mostHeadBytes, type ResponseHead, readHead } from './response-head.ts'
import type { Watched } from './watch.ts'

/** Takes the answer to one request. What it throws ends the connection. */
export interface Reader {
  /** How many bytes of the body are to come. */
  head(head: ResponseHead): number
  /** Where the next bytes go. */
  room(): Buffer
  /** So many were put there. Reading goes on when the promise is kept. */
  took(bytes: number): Promise<void> | undefined
}

export interface Connection extends Watched {
  readonly key: string
  /** May be asked. */
  readonly usable: boolean
  /** Answers when the reader has all bytes. */
  get(request: string, reader: Reader): Promise<void>
}

interface Asked {
  readonly reader: Reader
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
  /** Of the body; undefined before its head. */
  left: number | undefined
  keepAlive: boolean
}

export function createConnection(target: Target, ca: string | undefined): Connection {
  const scratch = Buffer.allocUnsafe(mostHeadBytes)
  let [used, answered] = [0, 0]
  let phase: Watched['phase'] = 'connect'
  let since = performance.now()
  let asked: Asked | undefined
  let socket: Socket | undefined
  let ended: Error | undefined
  let holding: Promise<void> | undefined
  /** What came and was not taken when reading was held. */
  let rest: Buffer | undefined
  /** The socket reads into the reader's room, not into ours. */
  let direct = false

  const enter = (next: Watched['phase']): void => {
    phase = next
    since = performance.now()
  }
  const end = (why: Error): void => {
    if (ended) return
    ended = why
    enter('idle')
    socket?.destroy()
    asked?.reject(why)
    asked = undefined
  }
  /** A connection that was kept may be closed while we ask: nobody's fault, and no try. */
  const lost = (error: Error): void => end(answered > 0 && asked?.left === undefined && used === 0 ? new Woken() : error)

  const advance = (bytes: number): boolean => {
    if (!asked || asked.left === undefined) return true
    asked.left -= bytes
    since = performance.now()
    const held = asked.reader.took(bytes)
    if (asked.left === 0) finish(asked, held)
    else if (held) return hold(held)
    return true
  }
  const finish = ({ keepAlive, resolve, reject }: Asked, held: Promise<void> | undefined): void => {
    asked = undefined
    answered += 1
    enter('idle')
    if (!keepAlive) end(new Error('it was closed'))
    if (held) void held.then(resolve, reject)
    else resolve()
  }
  /** Until the last one is kept: what came with a head may be several pieces. */
  const hold = (held: Promise<void>): boolean => {
    enter('held')
    holding = held
    void held.then(() => {
      if (phase !== 'held' || holding !== held) return
      enter('body')
      const more = rest
      rest = undefined
      if (!more || guarded(() => feed(more))) socket?.resume()
    }, end)
    return false
  }
  /** Bytes that may hold the rest of a head, and the first of a body. */
  const feedHead = (bytes: number): boolean => {
    if (!asked) throw new Error('it sent what nobody asked for')
    used += bytes
    since = performance.now()
    const head = readHead(scratch.subarray(0, used))
    if (!head) return true
    const body = scratch.subarray(head.length, used)
    used = 0
    asked.left = asked.reader.head(head)
    asked.keepAlive = head.keepAlive
    enter('body')
    return feed(body)
  }
  const room = (): Buffer => {
    if (asked?.left === undefined) return scratch.subarray(used)
    const space = asked.reader.room()
    return space.length > asked.left ? space.subarray(0, asked.left) : space
  }
  const feed = (data: Buffer): boolean => {
    for (let at = 0; at < data.length; ) {
      if (asked?.left === undefined && at > 0) throw new Error('it sent more than it was asked for')
      const count = data.copy(room(), 0, at)
      at += count
      if (asked?.left === undefined ? feedHead(count) : advance(count)) continue
      if (rest && at < data.length) throw new Error('its head is too long')
      rest ??= data.subarray(at)
      return false
    }
    return true
  }
  /** While something waits to be taken what comes is put behind it. */
  const into: Into = {
    room() {
      direct = asked?.left !== undefined && rest === undefined
      return direct ? room() : scratch.subarray(used)
    },
    took(bytes) {
      if (direct) return guarded(() => advance(bytes))
      return guarded(() => (asked?.left === undefined ? feedHead(bytes) : feed(scratch.subarray(0, bytes))))
    },
  }
  /** Whatever a reader or a check throws ends this connection, never the thread. */
  const guarded = (work: () => boolean): boolean => {
    try {
      return work()
    } catch (error) {
      end(error as Error)
      return false
    }
  }

  const adopt = (opened: Socket, byData: boolean): void => {
    socket = opened
    opened.setNoDelay(true)
    opened.on('error', lost)
    opened.on('close', () => lost(new Error(asked?.left === undefined ? 'it closed the connection' : `it ended ${asked.left} bytes early`)))
    if (byData) opened.on('data', (data: Buffer) => guarded(() => feed(data)) || opened.pause())
    if (ended) opened.destroy()
  }
  const ready = open(target, ca, into, adopt).then(() => enter('idle'), end)

  return {
    key: target.key,
    get phase() {
      return phase
    },
    get since() {
      return since
    },
    get usable() {
      return ended === undefined && asked === undefined
    },
    end,
    async get(request, reader) {
      await ready
      await new Promise<void>((resolve, reject) => {
        if (ended) return reject(ended)
        asked = { reader, resolve, reject, left: undefined, keepAlive: false }
        enter('head')
        socket?.write(request, 'latin1')
      })
    },
  }
}

interface Into {
  room(): Buffer
  took(bytes: number): boolean
}

type Adopt = (socket: Socket, byData: boolean) => void

/** Answers when a request may be sent. A socket that another one reads cannot read into our buffer. */
async function open(target: Target, ca: string | undefined, into: Into, adopt: Adopt): Promise<void> {
  const { proxy } = target
  if (proxy && target.tls) {
    const tunnel = await throughProxy(target, ca, adopt)
    const socket = connectTls({ socket: tunnel, ...secure(target, ca) })
    adopt(socket, true)
    return until(socket, 'secureConnect')
  }
  const to = proxy ?? target
  const lookup = proxy || target.allowPrivate ? lookUp : guarded(target.host)
  if (to.tls) {
    const socket = connectTls({ host: to.host, port: to.port, lookup, ...secure(to, ca) })
    adopt(socket, true)
    return until(socket, 'secureConnect')
  }
  const onread = { buffer: into.room, callback: into.took }
  const socket = connectPlain({ host: to.host, port: to.port, lookup, onread })
  adopt(socket, false)
  return until(socket, 'connect')
}

/** An address itself is looked up by nobody. */
function guarded(host: string): LookupFunction {
  if (isIP(host) !== 0 && isPrivateAddress(host)) throw Object.assign(new Error(`${host} is in a private network`), { code: 'EPRIVATE' })
  return guardedLookUp(lookUp, async () => false)
}

const secure = ({ host }: Endpoint, ca: string | undefined): { servername?: string; ca?: string[]; ALPNProtocols: string[] } => ({
  ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
  ...(ca !== undefined && { ca: [...rootCertificates, ca] }),
  ALPNProtocols: ['http/1.1'],
})

async function throughProxy(target: Target, ca: string | undefined, adopt: Adopt): Promise<Socket> {
  const { proxy } = target
  if (!proxy) throw new Error('no proxy')
  const { host, port } = proxy
  const socket = proxy.tls ? connectTls({ host, port, lookup: lookUp, ...secure(proxy, ca) }) : connectPlain({ host, port, lookup: lookUp })
  adopt(socket, false)
  await until(socket, proxy.tls ? 'secureConnect' : 'connect')
  socket.write(tunnelOf(target, proxy), 'latin1')
  const { status } = await headFrom(socket)
  if (status === 407) throw new InBetween('the proxy asks for a password', 'sign-in')
  if (status < 200 || status > 299) throw new InBetween(`the proxy answered ${status}`)
  return socket
}

/** Nothing follows a head before we speak. */
function headFrom(socket: Socket): Promise<ResponseHead> {
  return new Promise((resolve, reject) => {
    let came = Buffer.alloc(0)
    socket.once('close', () => reject(new InBetween('the proxy closed the connection')))
    socket.on('data', function onData(data: Buffer) {
      came = Buffer.concat([came, data])
      try {
        const head = readHead(came)
        if (!head) return
        socket.off('data', onData)
        socket.pause()
        resolve(head)
      } catch (error) {
        reject(error)
      }
    })
  })
}

function until(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(event, () => resolve())
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('it closed the connection')))
  })
}
