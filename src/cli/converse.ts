import { createInterface, type Interface } from 'node:readline'
import type { Client } from '../client/index.ts'
import { type ChatMessage, ModelyardError } from '../contract/index.ts'
import { answerTo } from './answer-to.ts'
import type { Io } from './io.ts'
import { showError } from './show-error.ts'

export interface Conversation {
  readonly io: Io
  readonly client: Client
  readonly model: string | undefined
  readonly input: NodeJS.ReadableStream
  readonly output: NodeJS.WritableStream
}

/**
 * A small conversation on a terminal. Ctrl-C stops an answer, at the prompt it ends the conversation, as Ctrl-D and
 * /bye do. An answer that fails is said and forgotten; the conversation goes on.
 */
export async function converse({ io, client, model, input, output }: Conversation): Promise<number> {
  const lines = createInterface({ input, output, prompt: '> ' })
  const nextLine = lineReader(lines)
  const messages: ChatMessage[] = []
  io.note('Write something; /bye or Ctrl-D ends.')
  try {
    for (;;) {
      const line = await nextLine()
      if (line === undefined || line.trim() === '/bye') return 0
      if (line.trim() === '') continue
      messages.push({ role: 'user', content: line })
      const text = await answerOnce(lines, (signal) => answerTo(io, client, { model, messages, signal })).catch((error: unknown) => {
        if (!ModelyardError.is(error) || error.code !== 'cancelled') showError(io, error)
        else io.err('\n')
        return undefined
      })
      if (text === undefined) messages.pop()
      else messages.push({ role: 'assistant', content: text })
    }
  } finally {
    lines.close()
  }
}

/** The next line, also one that was written while an answer ran; undefined at Ctrl-C and Ctrl-D. */
function lineReader(lines: Interface): () => Promise<string | undefined> {
  const written: string[] = []
  let ended = false
  let wake: (end?: 'end') => void = () => {}
  lines.on('line', (line) => {
    written.push(line)
    wake()
  })
  lines.on('close', () => {
    ended = true
    wake()
  })
  lines.on('SIGINT', () => wake('end'))
  return async () => {
    lines.prompt()
    const left =
      written.length === 0 &&
      !ended &&
      (await new Promise<'end' | undefined>((resolve) => {
        wake = resolve
      }))
    wake = () => {}
    return left === 'end' ? undefined : written.shift()
  }
}

async function answerOnce<T>(lines: Interface, answer: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const end = new AbortController()
  const stop = (): void => end.abort()
  lines.once('SIGINT', stop)
  try {
    return await answer(end.signal)
  } finally {
    lines.off('SIGINT', stop)
  }
}
