/** What an event of a stream costs that is read in OpenAI's dialect and written in Anthropic's. */
import { anthropicMessages } from '../../src/gateway/anthropic/index.ts'
import { createLineFeed } from '../../src/platform/lines.ts'
import { createAnswerReading } from '../../src/providers/openai-chat/answer-reading.ts'
import { createEventReader, maxEventChars } from '../../src/providers/openai-chat/event-reader.ts'
import type { Figure } from '../table.ts'

const events = 100_000
const rounds = 5

export function translation(): Figure[] {
  const times = Array.from({ length: rounds }, translated)
  const best = Math.min(...times)
  return [
    {
      what: 'translation, OpenAI in, Anthropic out, for each event of a stream',
      measured: `${best.toFixed(2)} µs`,
      peer: `best of ${rounds} × ${events.toLocaleString('en')}`,
      limit: '8 µs',
      share: best / 8,
    },
  ]
}

const pieceOf = (index: number): Buffer => {
  const choice = { index: 0, delta: { content: `word${index} ` }, finish_reason: null }
  const chunk = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_795_394_860, model: 'm', choices: [choice] }
  return Buffer.from(`data: ${JSON.stringify(chunk)}\n\n`)
}

/** Microseconds for each. */
function translated(): number {
  const pieces = Array.from({ length: 1000 }, (_, index) => pieceOf(index))
  const [lines, reader] = [createLineFeed(maxEventChars), createEventReader()]
  const reading = createAnswerReading({ label: 'bench', model: 'm' }, { nameOf: (name) => name, logprobs: undefined })
  const writer = anthropicMessages.writer({ model: 'm', id: 'bench', at: Date.now(), clock: () => 0 }, {})
  let written = 0
  const began = performance.now()
  for (let index = 0; index < events; index += 1)
    for (const line of lines.push(pieces[index % pieces.length] as Buffer)) {
      const event = reader.line(line)
      for (const part of event ? reading.take(event) : []) written += writer.write(part).length
    }
  const took = performance.now() - began
  if (written < events * 80) throw new Error('not every event was written')
  return (took * 1000) / events
}
