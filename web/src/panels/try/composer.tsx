/** Where a question is written. Enter sends it; while an answer comes, the same place stops it. */
import type { JSX } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import type { Slot } from '../../sdk.ts'
import { text } from '../../text/text.ts'
import { Button } from '../../ui/button.tsx'
import type { Conversation } from './conversation.ts'

export interface ComposerProps {
  readonly conversation: Conversation
  /** Undefined: it is gone. */
  readonly slot: Slot | undefined
}

export function Composer({ conversation, slot }: ComposerProps): JSX.Element {
  const { draft, running } = conversation
  const id = useId()
  const field = useRef<HTMLTextAreaElement>(null)
  useEffect(() => field.current?.focus(), [])
  const cannot = slot === undefined || slot.state === 'empty' ? text.try.cannotSend : undefined
  const send = (): void => {
    if (cannot !== undefined || running.value || draft.value.trim() === '') return
    conversation.ask(draft.value)
    draft.value = ''
  }
  const sendByKey = (event: KeyboardEvent): void => {
    // Enter also ends the writing of a character by an input method.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    send()
  }
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <label class="unseen" for={id}>
        {text.try.field}
      </label>
      <textarea
        ref={field}
        id={id}
        class="input"
        dir="auto"
        rows={2}
        placeholder={text.try.placeholder}
        value={draft.value}
        onInput={({ currentTarget }) => {
          draft.value = currentTarget.value
        }}
        onKeyDown={sendByKey}
      />
      {running.value ? (
        <Button icon="stop" onPress={conversation.stop}>
          {text.try.stop}
        </Button>
      ) : (
        <Button
          look="primary"
          type="submit"
          onPress={() => {}}
          unavailable={cannot ?? (draft.value.trim() === '' ? text.try.nothingToSend : undefined)}
        >
          {text.try.send}
        </Button>
      )}
      <p class="keys small muted">{text.try.keys}</p>
    </form>
  )
}
