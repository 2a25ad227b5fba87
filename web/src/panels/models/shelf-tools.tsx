/** What narrows the list of models down, and on a narrow page also what sorts it. */
import type { Signal } from '@preact/signals'
import type { JSX } from 'preact'
import { useId } from 'preact/hooks'
import type { Model } from '../../sdk.ts'
import { text } from '../../text/text.ts'
import { Button } from '../../ui/button.tsx'
import { Choice } from '../../ui/choice.tsx'
import { columns, type Order, orderAfter, type Wanted } from './shelf.ts'

export interface ShelfToolsProps {
  readonly models: readonly Model[]
  /** Of them that are shown. */
  readonly count: number
  readonly wanted: Signal<Wanted>
  readonly order: Signal<Order>
  readonly isNarrow: boolean
}

export function ShelfTools({ models, count, wanted, order, isNarrow }: ShelfToolsProps): JSX.Element {
  const words = text.models
  const field = useId()
  const engines = [...new Set(models.map(({ provider }) => provider))].sort()
  const kinds = (['chat', 'embedding', 'reranker', 'other'] as const).filter((kind) => models.some((one) => one.kind === kind))
  const want = (more: Partial<Wanted>): void => {
    wanted.value = { ...wanted.value, ...more }
  }
  return (
    <div class="row shelf-tools">
      <label class="unseen" for={field}>
        {words.filter}
      </label>
      <input
        id={field}
        class="input"
        type="search"
        data-filter
        placeholder={words.placeholder}
        value={wanted.value.words}
        onInput={({ currentTarget }) => want({ words: currentTarget.value })}
      />
      {engines.length > 1 && (
        <Choice
          label={words.engine}
          value={wanted.value.provider}
          options={[{ value: '', label: words.everyEngine }, ...engines.map((id) => ({ value: id, label: id }))]}
          onChange={(provider) => want({ provider })}
        />
      )}
      {kinds.length > 1 && (
        <Choice
          label={words.kind}
          value={wanted.value.kind}
          options={[{ value: '', label: words.everyKind }, ...kinds.map((kind) => ({ value: kind, label: words.kinds[kind] }))]}
          onChange={(kind) => want({ kind })}
        />
      )}
      {isNarrow && <SortTools order={order} />}
      <span class="muted number">{words.count(count, models.length)}</span>
    </div>
  )
}

function SortTools({ order }: { readonly order: Signal<Order> }): JSX.Element {
  const words = text.models
  const { by, down } = order.value
  return (
    <>
      <Choice
        label={words.sort}
        value={by}
        options={columns.map((one) => ({ value: one, label: words.columns[one] }))}
        onChange={(chosen) => {
          const column = columns.find((one) => one === chosen)
          if (column) order.value = orderAfter(order.value, column)
        }}
      />
      <Button
        look="quiet"
        label={words.turn(down)}
        onPress={() => {
          order.value = { by, down: !down }
        }}
      >
        {down ? '↓' : '↑'}
      </Button>
    </>
  )
}
