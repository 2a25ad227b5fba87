/** How to get in: what to type in a terminal, and a field for the link that it prints. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useId } from 'preact/hooks'
import type { SessionView } from '../session.ts'
import { text } from '../text/text.ts'
import { Button } from '../ui/button.tsx'
import { Command } from '../ui/command.tsx'
import { ErrorNote } from '../ui/note.tsx'
import { TabTitle } from './tab-title.tsx'

export function SignIn({ session }: { readonly session: SessionView }): JSX.Element {
  const words = text.session
  const code = useSignal('')
  const field = useId()
  const { value } = session.session
  const submit = (): void => {
    if (code.value.trim() !== '') void session.signIn(code.value)
  }
  return (
    <main class="door">
      <TabTitle parts={[words.title]} />
      <form
        class="card stack"
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <h1>{words.title}</h1>
        {value.state === 'out' && value.error && <ErrorNote error={value.error} />}
        <p>{words.how}</p>
        <Command lines={words.command} />
        <p class="muted">{words.otherwise}</p>
        <div class="field">
          <label class="label" for={field}>
            {words.field}
          </label>
          <input
            id={field}
            class="input"
            autocomplete="off"
            spellcheck={false}
            value={code.value}
            onInput={({ currentTarget }) => {
              code.value = currentTarget.value
            }}
          />
        </div>
        <div>
          <Button look="primary" type="submit" onPress={() => {}} unavailable={value.state === 'signing-in' ? words.signingIn : undefined}>
            {words.button}
          </Button>
        </div>
      </form>
    </main>
  )
}
