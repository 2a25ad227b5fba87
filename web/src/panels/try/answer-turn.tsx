/** An answer: who gives it, what was thought, the text as it comes, and how fast it was. */
import type { ReadonlySignal } from '@preact/signals'
import type { JSX } from 'preact'
import { decimalText, durationText } from '../../text/numbers.ts'
import { legible } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { Icon } from '../../ui/icons.tsx'
import { ErrorNote } from '../../ui/note.tsx'
import { useYard } from '../../yard/context.ts'
import { type AnswerView, figuresOf, hasEnded } from './answer.ts'
import type { Conversation } from './conversation.ts'
import { type Answer, nameIn } from './turns.ts'

export interface AnswerTurnProps {
  readonly answer: Answer
  readonly conversation: Conversation
}

export function AnswerTurn({ answer, conversation }: AnswerTurnProps): JSX.Element {
  const view = answer.view.value
  return (
    <>
      <p class="who small row">{view.model === undefined ? <Waiting slot={answer.slot} view={view} /> : <Who view={view} />}</p>
      {view.thought && <Thoughts view={view} thoughts={answer.thoughts} />}
      <Blocks blocks={answer.text} />
      {view.state === 'failed' && (
        <ErrorNote
          error={view.error}
          title={text.try.failed}
          onRetry={conversation.running.value ? undefined : () => conversation.retry(answer)}
        />
      )}
      {hasEnded(view) && <FiguresLine view={view} />}
    </>
  )
}

function Who({ view: { model = '', epoch, state } }: { readonly view: AnswerView }): JSX.Element {
  const name = nameIn(model)
  return (
    <>
      {(state === 'thinking' || state === 'answering' || state === 'waiting') && <Icon name="working" />}
      <strong class="name">{name}</strong>
      <span class="muted name">{model.slice(0, -name.length - 1)}</span>
      {epoch !== undefined && <span class="muted">{text.try.epoch(epoch)}</span>}
    </>
  )
}

function Waiting({ slot, view }: { readonly slot: string; readonly view: AnswerView }): JSX.Element | null {
  const { slots } = useYard()
  const one = slots.value.find((other) => other.slot === slot)
  if (hasEnded(view)) return null
  const why = one?.switching !== undefined ? text.try.waitingForSwitch : one?.idle === true ? text.try.waitingForLoad : text.try.waiting
  return (
    <>
      <Icon name="working" />
      <span class="muted">{why}</span>
    </>
  )
}

function Thoughts({ view, thoughts }: { readonly view: AnswerView; readonly thoughts: Answer['thoughts'] }): JSX.Element {
  const { thoughtMs } = figuresOf(view)
  return (
    <details class="thoughts">
      <summary class="small muted">{thoughtMs === undefined ? text.try.thinking : text.try.thoughtFor(durationText(thoughtMs))}</summary>
      <Blocks blocks={thoughts} />
    </details>
  )
}

/** Each block is drawn anew only when it changes itself. */
function Blocks({ blocks }: { readonly blocks: ReadonlySignal<readonly string[]> }): JSX.Element {
  return (
    <div class="blocks name" dir="auto">
      {blocks.value.map((one, at) => (
        <div key={at}>{legible(one)}</div>
      ))}
    </div>
  )
}

function FiguresLine({ view }: { readonly view: AnswerView }): JSX.Element {
  const { firstTokenMs, tokens, tokensPerSecond, ms } = figuresOf(view)
  const said = [
    view.state === 'stopped' && text.try.stopped(durationText(ms ?? 0)),
    view.cut === true && text.try.cut,
    tokensPerSecond !== undefined && text.try.speed(decimalText(tokensPerSecond)),
    firstTokenMs !== undefined && text.try.firstToken(durationText(firstTokenMs)),
    tokens !== undefined && text.try.tokens(tokens),
  ].filter((one) => one !== false)
  return (
    <ul class="figures small muted">
      {said.map((one) => (
        <li key={one}>{one}</li>
      ))}
    </ul>
  )
}
