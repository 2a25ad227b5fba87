/**
 * A list of any length: only what is seen is drawn. The list has the focus and names the row that is meant
 * (`aria-activedescendant`), so arrows, Home, End, page keys and Enter work over rows that are not drawn yet.
 */
import type { Signal } from '@preact/signals'
import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core'
import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks'

export interface VirtualListProps<T> {
  /** Its accessible name. */
  readonly label: string
  readonly items: readonly T[]
  readonly keyOf: (item: T) => string
  /** Pixels of a row. */
  readonly rowHeight: number
  readonly children: (item: T, selected: boolean) => ComponentChildren
  /** Enter, or a second click. */
  readonly onChoose: (item: T) => void
  /** The row that is meant, by its key. The list moves it; whoever has the signal sees it. */
  readonly selected: Signal<string | undefined>
}

export function VirtualList<T>({ label, items, keyOf, rowHeight, children, onChoose, selected }: VirtualListProps<T>): JSX.Element {
  const scroller = useRef<HTMLDivElement>(null)
  const id = useId()
  const [, redraw] = useState(0)
  const [virtual] = useState(
    () =>
      new Virtualizer<HTMLDivElement, HTMLDivElement>({
        count: items.length,
        getScrollElement: () => scroller.current,
        estimateSize: () => rowHeight,
        overscan: 8,
        scrollToFn: elementScroll,
        observeElementRect,
        observeElementOffset,
        onChange: () => redraw((count) => count + 1),
      }),
  )
  virtual.setOptions({ ...virtual.options, count: items.length, estimateSize: () => rowHeight })
  useLayoutEffect(() => virtual._willUpdate())
  useEffect(() => virtual._didMount(), [virtual])
  useLayoutEffect(() => virtual.measure(), [virtual, rowHeight])

  const at = items.findIndex((item) => keyOf(item) === selected.value)
  const move = (to: number): void => {
    const index = Math.min(items.length - 1, Math.max(0, to))
    const item = items[index]
    if (item === undefined) return
    selected.value = keyOf(item)
    virtual.scrollToIndex(index)
  }
  const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? rowHeight) / rowHeight) - 1)
  const keys: Readonly<Record<string, () => void>> = {
    ArrowDown: () => move(at + 1),
    ArrowUp: () => move(at < 0 ? 0 : at - 1),
    PageDown: () => move(at + page),
    PageUp: () => move(at - page),
    Home: () => move(0),
    End: () => move(items.length - 1),
    Enter: () => {
      const item = items[at]
      if (item !== undefined) onChoose(item)
    },
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const act = event.target === event.currentTarget && !event.ctrlKey && !event.metaKey && !event.altKey ? keys[event.key] : undefined
    if (!act) return
    event.preventDefault()
    act()
  }
  return (
    <div
      ref={scroller}
      class="list"
      role="listbox"
      aria-label={label}
      tabIndex={0}
      aria-activedescendant={at < 0 ? undefined : `${id}-${at}`}
      onKeyDown={onKeyDown}
    >
      <div class="inside" role="presentation" style={{ height: `${virtual.getTotalSize()}px` }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const item = items[index]
          if (item === undefined) return null
          const isSelected = index === at
          return (
            // biome-ignore lint/a11y: the list has the focus and the keys, its options have none (aria-activedescendant)
            <div
              key={keyOf(item)}
              id={`${id}-${index}`}
              class="item"
              role="option"
              aria-selected={isSelected}
              aria-setsize={items.length}
              aria-posinset={index + 1}
              style={{ height: `${rowHeight}px`, transform: `translateY(${start}px)` }}
              onClick={() => {
                selected.value = keyOf(item)
              }}
              onDblClick={() => onChoose(item)}
            >
              {children(item, isSelected)}
            </div>
          )
        })}
      </div>
    </div>
  )
}
