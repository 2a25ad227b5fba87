/** A field for one more model: what is typed is read as the page reads it, and its plan stands here before a byte moves. */
import { useComputed, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useId } from 'preact/hooks'
import { PlanCard } from '../panels/get/plan-card.tsx'
import { readBox } from '../panels/get/read-box.ts'
import { type Source, sourceText } from '../sdk.ts'
import { shown } from '../text/shown.ts'
import { text } from '../text/text.ts'
import { Button } from '../ui/button.tsx'
import { useAsked } from '../ui/use-asked.tsx'
import { useYard } from '../yard/context.ts'

export function GetBox(): JSX.Element {
  const { verbs, providers } = useYard()
  const typed = useSignal('')
  const chosen = useSignal<Source | undefined>(undefined)
  const catalog = useAsked('catalogue', (signal) => verbs.catalog({ signal }))
  const reading = useComputed(() => readBox(typed.value, { catalog: catalog.value.value, providers: providers.value, hosts: [] }))
  const { target, names, refusal } = reading.value
  const sources: readonly Source[] = target ? [target, ...names] : names
  const clear = (): void => {
    chosen.value = undefined
    typed.value = ''
  }
  return (
    <div class="get-box">
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          chosen.value = sources[0]
        }}
      >
        <Field
          value={typed.value}
          wrong={refusal !== undefined}
          onInput={(value) => {
            typed.value = value
            chosen.value = undefined
          }}
        />
        {refusal && <p class="small name">{shown(refusal.message)}</p>}
        {chosen.value === undefined && sources.length > 0 && <Choices sources={sources} onChoose={(one) => (chosen.value = one)} />}
      </form>
      {chosen.value && <PlanCard source={chosen.value} onStarted={clear} />}
    </div>
  )
}

interface FieldProps {
  readonly value: string
  readonly wrong: boolean
  readonly onInput: (value: string) => void
}

function Field({ value, wrong, onInput }: FieldProps): JSX.Element {
  const field = useId()
  return (
    <div class="field">
      <label class="label" for={field}>
        {text.elements.get}
      </label>
      <input
        id={field}
        class="input"
        part="field"
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        placeholder={text.elements.getSuch}
        aria-invalid={wrong}
        value={value}
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
      />
    </div>
  )
}

interface ChoicesProps {
  readonly sources: readonly Source[]
  readonly onChoose: (source: Source) => void
}

/** What the words may mean: a repository, or a name that an engine knows. */
function Choices({ sources, onChoose }: ChoicesProps): JSX.Element {
  return (
    <div class="row">
      {sources.map((one) => (
        <Button key={sourceText(one)} icon="get" onPress={() => onChoose(one)}>
          <span class="name clip">{text.elements.plan(shown(sourceText(one), 80))}</span>
        </Button>
      ))}
    </div>
  )
}
