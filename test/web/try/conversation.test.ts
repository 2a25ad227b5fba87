/** A conversation over a chat that the test leads word by word. */
import { signal } from '@preact/signals'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Part } from '../../../web/src/panels/try/answer.ts'
import { type Conversation, createConversation } from '../../../web/src/panels/try/conversation.ts'
import type { Answer } from '../../../web/src/panels/try/turns.ts'
import { type ChatMessage, ModelyardError, type Slot, type Verbs } from '../../../web/src/sdk.ts'

interface Asked {
  readonly slot: string
  readonly messages: readonly ChatMessage[]
  readonly signal: AbortSignal
  /** Resolves when the conversation has taken it. */
  say(part: Part): Promise<void>
  fail(error: unknown): void
}

const slotAt = (epoch: number, model: string | undefined = `model-${epoch}`, name = 'default'): Slot => ({
  slot: name,
  state: 'serving',
  ...(model !== undefined && { model }),
  leases: 0,
  waiting: 0,
  policy: 'auto',
  epoch,
  restore: 'eager',
  queueSeconds: 300,
  drainSeconds: 60,
  maxRequests: null,
})
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function ledChat(asked: Asked[]): Pick<Verbs, 'chat'> {
  const stream = (slot: string, { messages, signal: stop }: { messages: readonly ChatMessage[]; signal?: AbortSignal | undefined }) => {
    const parts = new TransformStream<Part, Part>(undefined, { highWaterMark: 100 }, { highWaterMark: 100 })
    const writer = parts.writable.getWriter()
    const fail = (error: unknown): void => void writer.abort(error).catch(() => {})
    stop?.addEventListener('abort', () => fail(stop.reason))
    const say = async (part: Part): Promise<void> => {
      await writer.write(part)
      if (part.type === 'end') await writer.close()
      await settled()
    }
    asked.push({ slot, messages, signal: stop as AbortSignal, say, fail })
    return parts.readable
  }
  return { chat: (slot = 'default') => ({ stream: (request: never) => stream(slot, request) }) as never }
}

describe('a conversation', () => {
  const slots = signal<readonly Slot[]>([])
  const slot = signal('default')
  let asked: Asked[]
  let ended: Answer[]
  let frames: (() => void)[]
  let conversation: Conversation

  beforeEach(() => {
    asked = []
    ended = []
    frames = []
    slots.value = [slotAt(3)]
    slot.value = 'default'
    conversation = createConversation({
      verbs: ledChat(asked),
      slots,
      slot,
      onEnd: (one) => ended.push(one),
      now: () => 0,
      nextFrame: (run) => frames.push(run),
    })
    return conversation.close
  })

  const start: Part = { type: 'start', model: 'ollama/model-3', slot: 'default', epoch: 3 }
  const end: Part = { type: 'end', finishReason: 'stop' }
  const draw = (): void => {
    for (const run of frames.splice(0)) run()
  }
  const kinds = (): string[] => conversation.turns.value.map(({ kind }) => kind)
  const answerAt = (at: number): Answer => conversation.turns.value.filter((one) => one.kind === 'answer')[at] as Answer
  const whole = async (question: string, words: string): Promise<void> => {
    conversation.ask(question)
    const one = asked.at(-1) as Asked
    for (const part of [start, { type: 'delta', text: words } as const, end]) await one.say(part)
  }

  it('draws words once for each frame, and the rest with the end', async () => {
    conversation.ask('Hello?')
    const [one] = asked as [Asked]
    await one.say(start)
    await one.say({ type: 'delta', text: 'a' })
    await one.say({ type: 'delta', text: 'b' })
    expect([frames.length, answerAt(0).text.value]).toEqual([1, []])
    draw()
    expect(answerAt(0).text.value).toEqual(['ab'])
    await one.say({ type: 'delta', text: 'c' })
    await one.say(end)
    expect(answerAt(0).text.value).toEqual(['abc'])
    draw()
    expect([answerAt(0).text.value, conversation.running.value, ended.length]).toEqual([['abc'], undefined, 1])
  })

  it('tells the model what was said before', async () => {
    await whole('One?', 'First.')
    conversation.ask('Two?')
    expect(asked[1]?.messages).toEqual([
      { role: 'user', content: 'One?' },
      { role: 'assistant', content: 'First.' },
      { role: 'user', content: 'Two?' },
    ])
  })

  it('asks nothing while an answer comes, and nothing for blanks', () => {
    conversation.ask(' \n')
    conversation.ask('One?')
    conversation.ask('Two?')
    expect([asked.length, kinds()]).toEqual([1, ['question', 'answer']])
  })

  it('stops the work and keeps what was said, which counts as an answer from then on', async () => {
    conversation.ask('One?')
    await asked[0]?.say(start)
    await asked[0]?.say({ type: 'delta', text: 'Half' })
    conversation.stop()
    await settled()
    expect(asked[0]?.signal.aborted).toBe(true)
    expect([answerAt(0).view.value.state, answerAt(0).text.value, conversation.running.value]).toEqual(['stopped', ['Half'], undefined])
    conversation.ask('Two?')
    expect(asked[1]?.messages.map(({ content }) => content)).toEqual(['One?', 'Half', 'Two?'])
  })

  it('shows an error in its place and asks again there; a question without an answer is not told', async () => {
    await whole('One?', 'First.')
    conversation.ask('Two?')
    asked[1]?.fail(new ModelyardError('slot_empty'))
    await settled()
    expect(answerAt(1).view.value).toMatchObject({ state: 'failed', error: { code: 'slot_empty' } })
    await whole('Three?', 'Third.')
    expect(asked[2]?.messages.map(({ content }) => content)).toEqual(['One?', 'First.', 'Three?'])
    conversation.retry(answerAt(1))
    expect(asked[3]?.messages.map(({ content }) => content)).toEqual(['One?', 'First.', 'Two?'])
    await asked[3]?.say(start)
    await asked[3]?.say(end)
    expect([kinds().length, answerAt(1).view.value.state]).toEqual([6, 'done'])
  })

  it('says after an answer that is under way who answers from then on', async () => {
    conversation.ask('One?')
    await asked[0]?.say(start)
    slots.value = [slotAt(4)]
    expect(conversation.turns.value.at(-1)).toMatchObject({ kind: 'change', model: 'model-4', epoch: 4, still: 'model-3' })
    slots.value = [slotAt(5)]
    expect(kinds()).toEqual(['question', 'answer', 'change'])
    expect(conversation.turns.value.at(-1)).toMatchObject({ model: 'model-5' })
  })

  it('says before an answer that still waits who will give it', () => {
    conversation.ask('One?')
    slots.value = [slotAt(4)]
    expect(kinds()).toEqual(['question', 'change', 'answer'])
  })

  it('puts the change after an answer that had begun before it', async () => {
    conversation.ask('One?')
    slots.value = [slotAt(4)]
    await asked[0]?.say(start)
    expect(kinds()).toEqual(['question', 'answer', 'change'])
    expect(conversation.turns.value.at(-1)).toMatchObject({ epoch: 4, still: 'model-3' })
  })

  it('learns a newer epoch from the answer itself, and says it once', async () => {
    conversation.ask('One?')
    await asked[0]?.say({ ...start, model: 'ollama/model-4', epoch: 4 })
    slots.value = [slotAt(4)]
    expect(kinds()).toEqual(['question', 'change', 'answer'])
  })

  it('says nothing of what switched before it began, or while nothing was said', () => {
    slots.value = [slotAt(4)]
    conversation.ask('One?')
    expect(kinds()).toEqual(['question', 'answer'])
  })

  it('says that another slot is asked', async () => {
    slots.value = [slotAt(3), slotAt(9, 'coder', 'code')]
    await whole('One?', 'First.')
    slot.value = 'code'
    expect(conversation.turns.value.at(-1)).toMatchObject({ kind: 'change', slot: 'code', model: 'coder' })
    conversation.ask('Two?')
    expect(asked[1]?.slot).toBe('code')
  })

  it('ends the work when it is cleared, and says nothing of it any more', async () => {
    conversation.ask('One?')
    conversation.clear()
    await settled()
    expect([asked[0]?.signal.aborted, kinds(), ended.length, conversation.running.value]).toEqual([true, [], 0, undefined])
  })
})
