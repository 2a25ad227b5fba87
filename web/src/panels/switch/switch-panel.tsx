/** What serves now, and every chat model that could: choosing one switches, and the switch is shown where it happens. */
import { useComputed, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useId } from 'preact/hooks'
import type { Model } from '../../sdk.ts'
import { text } from '../../text/text.ts'
import { Button } from '../../ui/button.tsx'
import { ErrorNote } from '../../ui/note.tsx'
import { useCall } from '../../ui/use-call.ts'
import { VirtualList } from '../../ui/virtual-list.tsx'
import { useYard } from '../../yard/context.ts'
import { filtered, findable, noFilter } from './filter.ts'
import { ModelRow } from './model-row.tsx'
import { SwitchStrip } from './switch-strip.tsx'

const rowHeight = 34

export function SwitchPanel(): JSX.Element {
  const yard = useYard()
  const filter = useSignal(noFilter)
  const selected = useSignal<string | undefined>(undefined)
  const closed = useSignal<string | undefined>(undefined)
  const field = useId()
  const chat = useComputed(() => yard.models.all.value?.filter((one) => one.kind === 'chat').map(findable))
  const shown = useComputed(() => filtered(chat.value ?? [], filter.value))
  const start = useCall()
  const use = (model: Model): void => void start.run(() => yard.verbs.slot('default').startSwitch(model.ref))
  const [latest] = yard.switches.value
  return (
    <div class="switch-panel">
      <h1 class="unseen">{text.switch.title}</h1>
      {start.error.value !== undefined && <ErrorNote error={start.error.value} onClose={start.clear} />}
      {latest && latest.record.id !== closed.value && (
        <SwitchStrip
          view={latest}
          onClose={() => {
            closed.value = latest.record.id
          }}
        />
      )}
      <div class="row">
        <label class="unseen" for={field}>
          {text.switch.filter}
        </label>
        <input
          id={field}
          class="input"
          type="search"
          placeholder={text.switch.placeholder}
          value={filter.value.words}
          onInput={({ currentTarget }) => {
            filter.value = { ...filter.value, words: currentTarget.value }
          }}
        />
        <span class="muted number">{chat.value && text.switch.count(shown.value.length, chat.value.length)}</span>
      </div>
      {chat.value && shown.value.length === 0 ? (
        <div class="row">
          <p>{text.switch.nothingFits}</p>
          <Button
            onPress={() => {
              filter.value = noFilter
            }}
          >
            {text.switch.clear}
          </Button>
        </div>
      ) : (
        <VirtualList
          label={text.switch.list}
          items={shown.value}
          keyOf={(one) => one.ref}
          rowHeight={rowHeight}
          selected={selected}
          onChoose={use}
        >
          {(model) => <ModelRow model={model} onUse={() => use(model)} />}
        </VirtualList>
      )}
    </div>
  )
}
