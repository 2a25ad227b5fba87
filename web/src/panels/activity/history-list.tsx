/** What was switched and got: one line each, everything that is known of it on demand. */
import { type Signal, useComputed, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { text } from '../../text/text.ts'
import { Button } from '../../ui/button.tsx'
import { Choice } from '../../ui/choice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { useYard } from '../../yard/context.ts'
import { EntryRow } from './entry-row.tsx'
import { endings, everything, filtered, type HistoryFilter, historyOf } from './history.ts'

/** So many more with each press. */
const page = 50

export function HistoryList(): JSX.Element {
  const { switches, jobs } = useYard()
  const filter = useSignal(everything)
  const count = useSignal(page)
  const entries = useComputed(() => historyOf(switches.value, jobs.all.value?.map(({ value }) => value) ?? []))
  const fitting = useComputed(() => filtered(entries.value, filter.value))
  return (
    <section class="history stack" aria-labelledby="history">
      <div class="row">
        <h2 id="history">{text.activity.history}</h2>
        {entries.value.length > 0 && <Filters filter={filter} />}
      </div>
      {jobs.all.value === undefined && <Skeleton rows={4} rowHeight={40} />}
      {jobs.all.value && entries.value.length === 0 && <p class="muted">{text.activity.noHistory}</p>}
      {entries.value.length > 0 && fitting.value.length === 0 && <p>{text.activity.nothingFits}</p>}
      <ol class="entries">
        {fitting.value.slice(0, count.value).map((one) => (
          <EntryRow key={one.id} entry={one} />
        ))}
      </ol>
      {fitting.value.length > count.value && (
        <div class="row">
          <Button
            onPress={() => {
              count.value += page
            }}
          >
            {text.activity.moreOf(fitting.value.length - count.value)}
          </Button>
        </div>
      )}
    </section>
  )
}

function Filters({ filter }: { readonly filter: Signal<HistoryFilter> }): JSX.Element {
  const names = useYard().slots.value.map(({ slot }) => slot)
  const set = (part: Partial<HistoryFilter>): void => {
    filter.value = { ...filter.value, ...part }
  }
  const { kinds, kind, ending, slot } = text.activity.filters
  const any = (label: string) => ({ value: '', label })
  return (
    <div class="row">
      <Choice
        label={kind}
        value={filter.value.kind}
        options={[any(kinds['']), { value: 'switch', label: kinds.switch }, { value: 'job', label: kinds.job }]}
        onChange={(value) => set({ kind: value as HistoryFilter['kind'] })}
      />
      <Choice
        label={ending}
        value={filter.value.ending}
        options={[any(text.activity.filters.anyEnding), ...endings.map((one) => ({ value: one, label: text.activity.endings[one] }))]}
        onChange={(value) => set({ ending: value as HistoryFilter['ending'] })}
      />
      {names.length > 1 && (
        <Choice
          label={slot}
          value={filter.value.slot}
          options={[any(text.activity.filters.anySlot), ...names.map((one) => ({ value: one, label: one }))]}
          onChange={(value) => set({ slot: value })}
        />
      )}
    </div>
  )
}
