/** The names of the columns, which sort by them. */
import type { Signal } from '@preact/signals'
import type { JSX } from 'preact'
import { text } from '../../text/text.ts'
import { Icon } from '../../ui/icons.tsx'
import { type Column, type Order, orderAfter } from './shelf.ts'

export function ShelfHead({ order }: { readonly order: Signal<Order> }): JSX.Element {
  return (
    <div class="shelf-head shelf-row small">
      <ColumnButton column="name" order={order} />
      <ColumnButton column="provider" order={order} />
      <ColumnButton column="size" order={order} />
      <span>{text.models.facts.quantization}</span>
      <span class="context">{text.models.facts.contextShort}</span>
      <ColumnButton column="modified" order={order} />
      <span />
    </div>
  )
}

function ColumnButton({ column, order }: { readonly column: Column; readonly order: Signal<Order> }): JSX.Element {
  const { by, down } = order.value
  const isSorted = by === column
  const name = text.models.columns[column]
  return (
    <button
      type="button"
      class={`column ${column} ${isSorted ? 'sorted' : ''} ${isSorted && down ? 'down' : ''}`}
      aria-label={isSorted ? text.models.sorted(name, down) : name}
      aria-pressed={isSorted}
      onClick={() => {
        order.value = orderAfter(order.value, column)
      }}
    >
      {name}
      {isSorted && <Icon name="chevron" />}
    </button>
  )
}
