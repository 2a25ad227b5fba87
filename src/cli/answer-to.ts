import type { Client } from '../client/index.ts'
import type { ChatMessage } from '../contract/index.ts'
import type { Io } from './io.ts'
import { visibleText } from './visible.ts'

export interface Asked {
  readonly model?: string | undefined
  readonly messages: ChatMessage[]
  readonly signal: AbortSignal
}

/**
 * Streams one answer to standard output and gives its text. Thinking goes to standard error. On a terminal control
 * characters are shown, not obeyed; a pipe gets the text as it is. With --json each event is a line.
 */
export async function answerTo(io: Io, client: Client, { model, messages, signal }: Asked): Promise<string> {
  const safe = process.stdout.isTTY ? visibleText : (text: string): string => text
  let text = ''
  let thinks = false
  for await (const part of client.chat().stream({ messages, signal, ...(model !== undefined && { model }) })) {
    if (part.type === 'delta') text += part.text
    if (io.json) {
      io.document(part)
      continue
    }
    if (part.type === 'reasoning') io.err(io.errColor.dim(visibleText(part.text)))
    else if (part.type === 'delta' && thinks) io.err('\n')
    thinks = part.type === 'reasoning'
    if (part.type === 'delta') io.out(safe(part.text))
    if (part.type === 'end') endAnswer(io, text, part.finishReason)
  }
  return text
}

function endAnswer(io: Io, text: string, reason: string): void {
  if (!text.endsWith('\n')) io.out('\n')
  if (reason === 'length') io.note('(The answer was cut: the limit of tokens was reached.)')
}
