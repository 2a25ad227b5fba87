/**
 * The conversation of a page: it goes on while another panel is shown, and is gone with the page. One answer comes at a
 * time; stopping it ends the engine's work.
 */
import { batch, computed, effect, type ReadonlySignal, type Signal, signal, untracked } from '@preact/signals'
import { ModelyardError, type Slot, type Verbs } from '../../sdk.ts'
import { type AnswerView, askedAt, failedAt, foldPart, type Part, stoppedAt } from './answer.ts'
import { append } from './blocks.ts'
import { byFrame } from './frames.ts'
import { type Answer, messagesOf, nameIn, type Question, type Turn, withChange, withStart } from './turns.ts'

export interface Conversation {
  readonly turns: ReadonlySignal<readonly Turn[]>
  /** The answer that comes now. */
  readonly running: ReadonlySignal<Answer | undefined>
  /** What is being written. */
  readonly draft: Signal<string>
  /** Nothing while an answer comes. */
  ask(text: string): void
  /** Asks for an answer that failed again, in its place. */
  retry(answer: Answer): void
  stop(): void
  clear(): void
  close(): void
}

export interface ConversationParts {
  readonly verbs: Pick<Verbs, 'chat'>
  readonly slots: ReadonlySignal<readonly Slot[]>
  /** The slot that is asked. */
  readonly slot: ReadonlySignal<string>
  /** Told every answer that has ended. */
  readonly onEnd?: (answer: Answer) => void
  readonly now?: () => number
  /** Runs something with the next frame. */
  readonly nextFrame?: (run: () => void) => void
}

interface OpenAnswer extends Answer {
  readonly view: Signal<AnswerView>
  readonly text: Signal<readonly string[]>
  readonly thoughts: Signal<readonly string[]>
}

export function createConversation(parts: ConversationParts): Conversation {
  const { verbs, slots, slot, onEnd = () => {}, now = () => performance.now() } = parts
  const turns = signal<readonly Turn[]>([])
  const running = signal<OpenAnswer | undefined>(undefined)
  const draft = signal('')
  let stop = new AbortController()
  let ids = 0

  const told = createTold()
  const notice = (name: string, epoch: number, model: string | undefined): void => {
    if (!told.isNews(name, epoch) || turns.peek().length === 0) return
    const still = running.peek()?.view.peek().model
    const line = { kind: 'change', id: ++ids, slot: name, epoch, model, ...(still !== undefined && { still: nameIn(still) }) } as const
    turns.value = withChange(turns.peek(), line)
  }
  const forget = effect(() => {
    const one = slots.value.find((other) => other.slot === slot.value)
    if (one) untracked(() => notice(one.slot, one.epoch, one.model))
  })

  const take = (answer: OpenAnswer, part: Part, drawn: Drawn): void => {
    if (part.type === 'start' && part.epoch !== undefined) {
      if (part.epoch > told.epochOf(answer.slot)) notice(answer.slot, part.epoch, nameIn(part.model))
      else turns.value = withStart(turns.peek(), answer, part.model, part.epoch)
    }
    if (part.type === 'delta') drawn.text.add(part.text)
    if (part.type === 'reasoning') drawn.thoughts.add(part.text)
    answer.view.value = foldPart(answer.view.peek(), part, now())
  }
  const run = async (answer: OpenAnswer, question: string, before: readonly Turn[]): Promise<void> => {
    stop = new AbortController()
    const { signal } = stop
    const drawn = drawnBy(answer, parts.nextFrame)
    running.value = answer
    const end = (view: AnswerView): void =>
      batch(() => {
        drawn.text.flush()
        drawn.thoughts.flush()
        answer.view.value = view
        if (running.peek() === answer) running.value = undefined
      })
    try {
      const messages = [...messagesOf(before), { role: 'user' as const, content: question }]
      for await (const part of verbs.chat(answer.slot).stream({ messages, signal })) take(answer, part, drawn)
      end(answer.view.peek())
    } catch (error) {
      end(signal.aborted ? stoppedAt(answer.view.peek(), now()) : failedAt(answer.view.peek(), now(), ModelyardError.from(error)))
    }
    if (turns.peek().includes(answer)) onEnd(answer)
  }
  const open = (): OpenAnswer => ({
    kind: 'answer',
    id: ++ids,
    slot: slot.peek(),
    view: signal(askedAt(now())),
    text: signal<readonly string[]>([]),
    thoughts: signal<readonly string[]>([]),
  })

  return {
    turns,
    running: computed(() => running.value),
    draft,
    ask(words) {
      if (running.peek() || words.trim() === '') return
      const before = turns.peek()
      const question: Question = { kind: 'question', id: ++ids, text: words }
      const answer = open()
      turns.value = [...before, question, answer]
      void run(answer, words, before)
    },
    retry(failed) {
      const at = turns.peek().findIndex((one) => one.id === failed.id)
      const before = turns.peek().slice(0, at)
      const asked = before.findLast((one) => one.kind === 'question')
      if (running.peek() || !asked) return
      const answer = open()
      turns.value = turns.peek().with(at, answer)
      void run(answer, asked.text, before.slice(0, before.indexOf(asked)))
    },
    stop: () => stop.abort(),
    clear() {
      stop.abort()
      turns.value = []
    },
    close() {
      stop.abort()
      forget()
    },
  }
}

/** Which epoch of which slot the reader knows of. */
function createTold(): { isNews(slot: string, epoch: number): boolean; epochOf(slot: string): number } {
  let told: { slot: string; epoch: number } | undefined
  return {
    isNews(slot, epoch) {
      const isNews = told !== undefined && (told.slot !== slot || told.epoch !== epoch)
      told = { slot, epoch }
      return isNews
    },
    epochOf: (slot) => (told?.slot === slot ? told.epoch : Number.POSITIVE_INFINITY),
  }
}

type Drawn = Readonly<Record<'text' | 'thoughts', ReturnType<typeof byFrame>>>

function drawnBy(answer: OpenAnswer, nextFrame: ConversationParts['nextFrame']): Drawn {
  const into = (blocks: Signal<readonly string[]>): ReturnType<typeof byFrame> =>
    byFrame((text) => {
      blocks.value = append(blocks.peek(), text)
    }, nextFrame)
  return { text: into(answer.text), thoughts: into(answer.thoughts) }
}
