/** A streamed message, event by event: https://docs.claude.com/en/docs/build-with-claude/streaming. */
import type { ChatPart } from '../../providers/provider.ts'
import type { Answering, AnswerWriter, Fields } from '../dialect.ts'
import { messageId, showsThinking, stopReason, usageWords } from './answer-words.ts'
import { createBlocks } from './blocks.ts'
import { createCallBlocks } from './call-blocks.ts'

export function messageWriter(answering: Answering, body: Fields): AnswerWriter {
  const blocks = createBlocks()
  const calls = createCallBlocks(blocks)
  const thinking = showsThinking(body)
  return {
    write(part) {
      switch (part.type) {
        case 'delta':
          return part.text === '' ? '' : calls.flush() + blocks.text(part.text)
        case 'reasoning':
          return part.text === '' || !thinking ? '' : calls.flush() + blocks.thinking(part.text)
        case 'tool_call':
          return calls.begin(part.index, part.id, part.name)
        case 'tool_arguments':
          return calls.input(part.index, part.text)
        case 'start':
          return messageStart(answering)
        case 'end':
          return calls.flush() + blocks.close() + messageEnd(part, calls.any)
      }
    },
  }
}

const event = (type: string, fields: Fields): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`

/** How long the prompt is no engine tells before its last piece: the end has it. */
function messageStart(answering: Answering): string {
  const message = {
    id: messageId(answering),
    type: 'message',
    role: 'assistant',
    model: answering.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: usageWords({ promptTokens: 0 }),
  }
  return event('message_start', { message })
}

function messageEnd({ finishReason, usage }: Extract<ChatPart, { type: 'end' }>, calledTools: boolean): string {
  const delta = { stop_reason: stopReason(finishReason, calledTools), stop_sequence: null }
  return event('message_delta', { delta, usage: usageWords(usage) }) + event('message_stop', {})
}
