/** A token of the client's own: named, made, shown this once. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useId } from 'preact/hooks'
import type { NewToken } from '../../sdk.ts'
import { text } from '../../text/text.ts'
import { announce } from '../../ui/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { Command } from '../../ui/command.tsx'
import { ErrorNote, Note } from '../../ui/note.tsx'
import { useCall } from '../../ui/use-call.ts'
import { useYard } from '../../yard/context.ts'
import { freeName, nameFault } from './token-name.ts'

export interface MakeTokenProps {
  /** What it would be called. */
  readonly wanted: string
  readonly taken: readonly string[]
  readonly made: NewToken | undefined
  readonly onMade: (token: NewToken) => void
}

export function MakeToken({ wanted, taken, made, onMade }: MakeTokenProps): JSX.Element {
  const { verbs } = useYard()
  const words = text.connect.make
  /** Undefined: what is suggested. */
  const typed = useSignal<string | undefined>(undefined)
  const make = useCall()
  const ids = { field: useId(), fault: useId() }
  if (made) return <MadeToken token={made} />
  const name = typed.value ?? freeName(wanted, taken)
  const fault = nameFault(name, taken)
  const submit = (): void => {
    if (fault !== undefined) return
    void make.run(async () => {
      onMade(await verbs.tokens.create({ name }))
      announce(words.made(name))
    })
  }
  return (
    <form
      class="make-token"
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <div class="field">
        <label class="label" for={ids.field}>
          {words.name}
        </label>
        <div class="row">
          <input
            id={ids.field}
            class="input"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            maxLength={64}
            value={name}
            aria-invalid={fault !== undefined}
            aria-describedby={fault === undefined ? undefined : ids.fault}
            onInput={({ currentTarget }) => {
              typed.value = currentTarget.value
            }}
          />
          <Button look="primary" type="submit" onPress={() => {}} unavailable={make.running.value ? words.making : fault && words[fault]}>
            {words.button}
          </Button>
        </div>
      </div>
      {fault !== undefined && (
        <p id={ids.fault} class="small fault">
          {words[fault]}
        </p>
      )}
      <p class="muted small">{text.connect.guide.needsToken(text.connect.placeholder)}</p>
      {make.error.value !== undefined && <ErrorNote title={words.failed} error={make.error.value} onClose={make.clear} />}
    </form>
  )
}

function MadeToken({ token: { name, token } }: { readonly token: NewToken }): JSX.Element {
  const words = text.connect.make
  return (
    <Note tone="good" title={words.madeTitle(name)}>
      <Command lines={token} />
      <p>{words.once}</p>
      <p class="muted small">{text.connect.guide.hasToken(name)}</p>
    </Note>
  )
}
