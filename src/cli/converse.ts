import { createInterface } from 'node:readline/promises'
import type { Client } from '../client/index.ts'
import { type ChatMessage, ModelyardError } from '../contract/index.ts'
import { answerTo } from './answer-to.ts'
import type { CommandContext } from './command-spec.ts'
import { showError } from './show-error.ts'

/**
 * A small conversation on a terminal. Ctrl-C stops an answer, at the prompt it ends the conversation, as Ctrl-D and
 * /bye do. An answer that fails is said and forgotten; the conversation goes on.
 */
export async function converse({ io }: CommandContext, client: Client, model: string | undefined): Promise<number> {
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  const messages: ChatMessage[] = []
  io.note('Write something; /bye or Ctrl-D ends.')
  try {
    for (;;) {
      const line = await ask(lines)
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

type Lines = ReturnType<typeof createInterface>

/** A line; undefined at Ctrl-C and Ctrl-D. */
async function ask(lines: Lines): Promise<string | undefined> {
  const end = new AbortController()
  const stop = (): void => end.abort()
  lines.once('SIGINT', stop).once('close', stop)
  try {
    return await lines.question('> ', { signal: end.signal })
  } catch {
    return undefined
  } finally {
    lines.off('SIGINT', stop).off('close', stop)
  }
}

async function answerOnce<T>(lines: Lines, answer: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const end = new AbortController()
  const stop = (): void => end.abort()
  lines.once('SIGINT', stop)
  try {
    return await answer(end.signal)
  } finally {
    lines.off('SIGINT', stop)
  }
}
