/** What a gateway would answer, over a real socket, to the real client. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Anthropic from '@anthropic-ai/sdk'
import { gatherParts } from '../../../src/contract/index.ts'
import { anthropicDialect, anthropicMessages } from '../../../src/gateway/anthropic/index.ts'
import type { Answering, Fields, NeutralAnswer } from '../../../src/gateway/dialect.ts'
import type { ChatPart } from '../../../src/providers/provider.ts'

export const answering: Answering = { model: 'qwen3:8b', id: 'abc123', at: 0, clock: () => 0 }

export type Ending = Extract<ChatPart, { type: 'end' }>
export type Piece = Exclude<ChatPart, { type: 'start' } | { type: 'end' }>

export const eventsOf = (parts: readonly ChatPart[], body: Fields = {}): string[] => {
  const writer = anthropicMessages.writer(answering, body)
  return parts.map((part) => writer.write(part))
}

export const wholeParts = (pieces: readonly Piece[], end: Ending): ChatPart[] => [{ type: 'start' }, ...pieces, end]

/** The same answer gathered. */
export function answerOf(pieces: readonly Piece[], { finishReason, usage }: Ending): NeutralAnswer {
  const gathering = gatherParts()
  for (const piece of pieces) gathering.add(piece)
  const { text, reasoning } = gathering
  return { text, reasoning, toolCalls: gathering.toolCalls(), finishReason, ...(usage && { usage }) }
}

export interface Answer {
  readonly status?: number
  readonly type?: string
  /** Each is written by itself. */
  readonly bytes: readonly (string | Uint8Array)[]
  /** The connection is cut instead of ended. */
  readonly cut?: boolean
}

export interface Serving {
  readonly client: Anthropic
  /** What it was sent, parsed. */
  readonly bodies: Fields[]
  close(): Promise<void>
}

/** A server that gives the next of these answers to each request, and the client that asks it. */
export async function serving(answers: readonly Answer[]): Promise<Serving> {
  const left = [...answers]
  const bodies: Fields[] = []
  const server = createServer((request, response) => {
    const sent: Buffer[] = []
    request.on('data', (piece: Buffer) => sent.push(piece))
    request.on('end', async () => {
      if (sent.length > 0) bodies.push(JSON.parse(Buffer.concat(sent).toString()))
      const { status = 200, type = anthropicDialect.streamType, bytes, cut } = left.shift() ?? { status: 500, bytes: [] }
      response.writeHead(status, { 'content-type': type, 'x-should-retry': 'false' })
      for (const one of bytes) await new Promise<void>((resolve) => response.write(one, () => resolve()))
      if (cut) response.destroy()
      else response.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    client: new Anthropic({ baseURL: `http://127.0.0.1:${port}`, apiKey: 'x', maxRetries: 0 }),
    bodies,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
