/** What was said. It follows its end as long as the reader is there. */
import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'
import { addressOf } from '../../route.ts'
import type { Slot } from '../../sdk.ts'
import { legible, shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { Button } from '../../ui/button.tsx'
import { Note } from '../../ui/note.tsx'
import { AnswerTurn } from './answer-turn.tsx'
import type { Conversation } from './conversation.ts'
import type { Change } from './turns.ts'
import { useEnd } from './use-end.ts'

export interface LogProps {
  readonly conversation: Conversation
  readonly slot: Slot | undefined
}

export function Log({ conversation, slot }: LogProps): JSX.Element {
  const scroller = useRef<HTMLDivElement>(null)
  const turns = conversation.turns.value
  const last = turns.at(-1)
  const end = useEnd(scroller, last?.kind === 'answer' ? last.id : 0)
  return (
    <div class="log-place">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard */}
      <section ref={scroller} class="log" tabIndex={0} aria-label={text.try.conversation} onScroll={end.onScroll}>
        {turns.length === 0 && slot && slot.state !== 'empty' && <Introduction slot={slot} />}
        <ol>
          {turns.map((turn) => (
            <li key={turn.id} class={turn.kind}>
              {turn.kind === 'question' && (
                <>
                  <span class="unseen">{text.try.you} </span>
                  <p class="said name" dir="auto">
                    {legible(turn.text)}
                  </p>
                </>
              )}
              {turn.kind === 'answer' && <AnswerTurn answer={turn} conversation={conversation} />}
              {turn.kind === 'change' && <ChangeLine change={turn} />}
            </li>
          ))}
        </ol>
        {(slot === undefined || slot.state === 'empty') && <Unfilled slot={slot?.slot} />}
      </section>
      {!end.isThere.value && (
        <div class="to-end">
          <Button icon="get" onPress={end.go}>
            {text.try.toEnd}
          </Button>
        </div>
      )}
    </div>
  )
}

function Introduction({ slot }: { readonly slot: Slot }): JSX.Element {
  return (
    <div class="introduction stack">
      <p class="name">{text.try.introduction(shown(slot.model ?? '', 200), slot.slot)}</p>
      <p class="muted">{text.try.whatFor}</p>
    </div>
  )
}

function Unfilled({ slot }: { readonly slot: string | undefined }): JSX.Element {
  return (
    <Note title={slot === undefined ? text.try.slotGone : text.try.slotEmpty(slot)}>
      <p>
        {text.try.fill} <a href={addressOf('switch')}>{text.panels.switch}</a>
      </p>
    </Note>
  )
}

function ChangeLine({ change: { slot, model, epoch, still } }: { readonly change: Change }): JSX.Element {
  return (
    <p class="small muted name">
      {text.try.now(model, epoch, slot)}
      {still !== undefined && `. ${text.try.still(still)}`}
    </p>
  )
}
