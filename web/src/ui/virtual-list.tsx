/**
 * A list of any length: only what is seen is drawn, and of that only what has changed is drawn anew. The list has the
 * focus and names the row that is meant (`aria-activedescendant`), so arrows, Home, End, page keys and Enter work over
 * rows that are not drawn yet.
 */
import type { Signal } from '@preact/signals'
import type { ComponentChildren, JSX, RefObject } from 'preact'
import { useId, useRef } from 'preact/hooks'
import { memo } from './memo.tsx'
import { useWindow } from './window-of-rows.ts'

export interface VirtualListProps<T> {
  /** Its accessible name. */
  readonly label: string
  readonly items: readonly T[]
  readonly keyOf: (item: T) => string
  /** Pixels of a row. */
  readonly rowHeight: number
  /** Draws a row. The same function again leaves rows alone whose item has not changed. */
  readonly children: (item: T, selected: boolean) => ComponentChildren
  /** Enter, or a second click. */
  readonly onChoose: (item: T) => void
  /** The row that is meant, by its key. The list moves it; whoever has the signal sees it. */
  readonly selected: Signal<string | undefined>
  /** Names of columns, for the eye: stays at the top. */
  readonly header?: ComponentChildren
  /** Pixels of the header. */
  readonly headerHeight?: number
  /** Where the focus is put from outside. */
  readonly list?: RefObject<HTMLDivElement | null>
}

export function VirtualList<T>(props: VirtualListProps<T>): JSX.Element {
  const { label, items, keyOf, rowHeight, children, onChoose, selected, header, headerHeight = 0 } = props
  const own = useRef<HTMLDivElement>(null)
  const scroller = props.list ?? own
  const id = useId()
  const rows = useWindow(scroller, items.length, rowHeight, headerHeight)
  const at = items.findIndex((item) => keyOf(item) === selected.value)
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return
    // Measured only here: while rows are drawn it would lay out the page once more.
    const page = pageOf(scroller.current, rowHeight, headerHeight)
    const index = keysOf(at, items.length, page)[event.key] ?? -1
    const to = event.key === 'Enter' ? items[at] : items[index]
    if (to === undefined) return
    event.preventDefault()
    if (event.key === 'Enter') return onChoose(to)
    selected.value = keyOf(to)
    rows.show(index)
  }
  const itemOf = ({ target }: Event): T | undefined => items[Number((target as Element).closest<HTMLElement>('.item')?.dataset.index ?? -1)]
  return (
    <div
      ref={scroller}
      class="list"
      role="listbox"
      aria-label={label}
      tabIndex={0}
      aria-activedescendant={at < rows.from || at >= rows.to ? undefined : `${id}-${at}`}
      onKeyDown={onKeyDown}
      onClick={(event) => {
        const item = itemOf(event)
        if (item !== undefined) selected.value = keyOf(item)
      }}
      onDblClick={(event) => {
        const item = itemOf(event)
        if (item !== undefined) onChoose(item)
      }}
    >
      {header !== undefined && (
        <div class="header" aria-hidden="true" style={{ height: `${headerHeight}px` }}>
          {header}
        </div>
      )}
      <div class="inside" role="presentation" style={{ height: `${items.length * rowHeight}px` }}>
        {items.slice(rows.from, rows.to).map((item, offset) => {
          const index = rows.from + offset
          return (
            <Item
              key={keyOf(item)}
              id={`${id}-${index}`}
              index={index}
              count={items.length}
              selected={index === at}
              height={rowHeight}
              item={item}
              draw={children as ItemProps['draw']}
            />
          )
        })}
      </div>
    </div>
  )
}

const pageOf = (list: HTMLElement | null, rowHeight: number, top: number): number =>
  Math.max(1, Math.floor(((list?.clientHeight ?? rowHeight) - top) / rowHeight) - 1)

/** Where each key leads, from the row that is meant (-1: none yet). */
function keysOf(at: number, count: number, page: number): Readonly<Record<string, number>> {
  const within = (index: number): number => Math.min(count - 1, Math.max(0, index))
  return {
    ArrowDown: within(at + 1),
    ArrowUp: within(at - 1),
    PageDown: within(at + page),
    PageUp: within(at - page),
    Home: 0,
    End: count - 1,
  }
}

interface ItemProps {
  readonly id: string
  readonly index: number
  readonly count: number
  readonly selected: boolean
  readonly height: number
  readonly item: unknown
  readonly draw: (item: unknown, selected: boolean) => ComponentChildren
}

const Item = memo(({ id, index, count, selected, height, item, draw }: ItemProps) => (
  // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus and the keys, its options have none (aria-activedescendant)
  <div
    id={id}
    class="item"
    role="option"
    aria-selected={selected}
    aria-setsize={count}
    aria-posinset={index + 1}
    data-index={index}
    style={{ height: `${height}px`, transform: `translateY(${index * height}px)` }}
  >
    <Content item={item} selected={selected} draw={draw} />
  </div>
))

const Content = memo(({ item, selected, draw }: Pick<ItemProps, 'item' | 'selected' | 'draw'>) => <>{draw(item, selected)}</>)
