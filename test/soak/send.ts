/** One request as a client sends it: it may read slowly, and it may leave. */
import { type Agent, type IncomingMessage, request } from 'node:http'

export interface Sending {
  readonly url: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  readonly agent: Agent
  readonly manners: Manners
}

export interface Manners {
  /** Milliseconds between two pieces that it reads. */
  readonly pauseMs?: number | undefined
  /** It leaves so soon after it has asked, or after so many pieces of the answer; nobody waits for ever. */
  readonly leaves?: { readonly afterMs: number } | { readonly afterPieces: number } | undefined
}

export interface Reply {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly text: string
  readonly end: 'whole' | 'left' | 'broken'
  /** The first byte of a head has come. */
  readonly begun: boolean
  readonly why?: string | undefined
}

/** An engine that never answers is borne longer than that. */
const patienceMs = 15_000

/** Resolves once, whatever happens. */
export function send({ url, method, path, headers, body, agent, manners }: Sending): Promise<Reply> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = []
    let head: IncomingMessage | undefined
    const over = (end: Reply['end'], why?: string): void => {
      clearTimeout(timer)
      const text = Buffer.concat(pieces).toString('utf8')
      resolve({ status: head?.statusCode ?? 0, headers: head?.headers ?? {}, text, end, begun: head !== undefined, why })
    }
    const asking = request(url + path, { method, headers, agent }, (response) => {
      head = response
      let count = 0
      response.on('data', (piece: Buffer) => {
        pieces.push(piece)
        count += 1
        if (manners.leaves && 'afterPieces' in manners.leaves && count > manners.leaves.afterPieces) return leave()
        if (manners.pauseMs === undefined) return
        response.pause()
        setTimeout(() => response.resume(), manners.pauseMs)
      })
      response.on('end', () => over('whole'))
      response.on('error', (error) => over('broken', error.message))
    })
    const leave = (): void => {
      over('left')
      asking.destroy()
    }
    asking.on('error', (error) => over('broken', error.message))
    const timer = setTimeout(leave, manners.leaves && 'afterMs' in manners.leaves ? manners.leaves.afterMs : patienceMs)
    asking.end(body)
  })
}
