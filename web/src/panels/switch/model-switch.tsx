/** What could serve, over all engines: choosing a model switches the slot, and the switch is shown below. In the page and in an element. */
import { type ReadonlySignal, useComputed, useSignal, useSignalEffect } from '@preact/signals'
import type { ComponentType, JSX, RefObject } from 'preact'
import { useRef } from 'preact/hooks'
import type { Slot } from '../../sdk.ts'
import { text } from '../../text/text.ts'
import { Button } from '../../ui/button.tsx'
import { useNarrow } from '../../ui/narrow.ts'
import { ErrorNote } from '../../ui/note.tsx'
import { useYard } from '../../yard/context.ts'
import { choicesOf, type Filter, filtered, noFilter, ordered } from './filter.ts'
import { FilterRow } from './filter-row.tsx'
import { ModelList } from './model-list.tsx'
import { RowSkeletons } from './model-row.tsx'
import { SilentEngines } from './silent-engines.tsx'
import { SlotStrip, useStrip } from './slot-strip.tsx'
import { folded, put } from './strip-memory.ts'
import { folds } from './told.ts'
import { UseBar } from './use-bar.tsx'
import { useModel } from './use-model.ts'

const narrowPixels = 660

export interface ModelSwitchProps {
  /** That a "Use" moves. */
  readonly slot: ReadonlySignal<Slot | undefined>
  /** Where no engine has a chat model. */
  readonly whenEmpty: ComponentType
}

export function ModelSwitch({ slot, whenEmpty: WhenEmpty }: ModelSwitchProps): JSX.Element {
  const yard = useYard()
  const panel = useRef<HTMLDivElement>(null)
  const list = useRef<HTMLDivElement>(null)
  const field = useRef<HTMLInputElement>(null)
  const narrow = useNarrow(panel, narrowPixels)
  const filter = useSignal(noFilter)
  const selected = useSignal<string | undefined>(undefined)
  const chat = useComputed(() => {
    const models = yard.models.all.value?.filter((one) => one.kind === 'chat')
    return models && ordered(models)
  })
  const choices = useComputed(() => choicesOf(chat.value ?? []))
  const found = useComputed(() => filtered(chat.value ?? [], filter.value))
  const strip = useStrip(slot)
  const { start, use } = useModel(slot)
  useScrolledUp(list, filter)
  const foldStrip = (): void => {
    const record = strip.peek()?.record
    if (record?.outcome !== undefined && folds(record)) put(folded, record.id, true)
  }
  const enterList = (): void => {
    const [first] = found.value
    if (!first) return
    if (!found.value.some((one) => one.ref === selected.value)) selected.value = first.ref
    list.current?.focus()
  }
  const { value: all } = chat
  return (
    // biome-ignore lint/a11y: not a control: whatever is done next in here folds what needs no attention any more
    <div
      ref={panel}
      class="switch-panel"
      onInput={foldStrip}
      onClick={({ target }) => (target as Element).closest('.switch-strip') === null && foldStrip()}
    >
      <h1 class="unseen">{text.switch.title}</h1>
      {all?.length === 0 ? (
        <WhenEmpty />
      ) : (
        <>
          <FilterRow
            filter={filter}
            choices={choices.value}
            count={found.value.length}
            all={all?.length}
            field={field}
            onDown={enterList}
          />
          {all === undefined && <RowSkeletons />}
          {all !== undefined && found.value.length === 0 && <NothingFits onClear={() => (filter.value = noFilter)} field={field} />}
          {found.value.length > 0 && <ModelList models={found.value} selected={selected} narrow={narrow} list={list} onUse={use} />}
          <UseBar model={found.value.find((one) => one.ref === selected.value)} slot={slot.value} onUse={use} />
        </>
      )}
      <SilentEngines brief={narrow} />
      {start.error.value !== undefined && <ErrorNote error={start.error.value} onClose={start.clear} />}
      <SlotStrip slot={slot} strip={strip} onTry={use} onClosed={() => list.current?.focus()} />
    </div>
  )
}

function NothingFits({
  onClear,
  field,
}: {
  readonly onClear: () => void
  readonly field: RefObject<HTMLInputElement | null>
}): JSX.Element {
  return (
    <div class="nothing-fits">
      <p>{text.switch.nothingFits}</p>
      <Button
        onPress={() => {
          onClear()
          field.current?.focus()
        }}
      >
        {text.switch.clear}
      </Button>
    </div>
  )
}

/** Other conditions are another list: it is read from its beginning. At once, before rows are drawn and cost a layout. */
function useScrolledUp(list: RefObject<HTMLDivElement | null>, filter: ReadonlySignal<Filter>): void {
  useSignalEffect(() => {
    if (filter.value && list.current) list.current.scrollTop = 0
  })
}
