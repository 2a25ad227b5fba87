/** Which rows of a list of equal rows are drawn: those that are seen, and some on either side. */
import type { RefObject } from 'preact'
import { useLayoutEffect, useState } from 'preact/hooks'

const overscan = 6
/** The first row that is drawn moves in steps: scrolling by a row or two draws nothing anew. */
const stride = 4

export interface RowWindow {
  /** The first, and the one after the last. */
  readonly from: number
  readonly to: number
  /** Scrolls as little as it takes to see it whole. */
  show(index: number): void
}

/** `top`: pixels at the top of the scroller that rows go under. */
export function useWindow(scroller: RefObject<HTMLDivElement | null>, count: number, rowHeight: number, top: number): RowWindow {
  const [first, setFirst] = useState(0)
  const [rows, setRows] = useState(20)
  const look = (): void => {
    const list = scroller.current
    if (list) setFirst(firstOf(list.scrollTop, rowHeight))
  }
  useLayoutEffect(() => {
    const list = scroller.current
    if (!list) return
    const measure = (): void => {
      setRows(Math.ceil(list.clientHeight / rowHeight))
      look()
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(list)
    list.addEventListener('scroll', look, { passive: true })
    return () => {
      observer.disconnect()
      list.removeEventListener('scroll', look)
    }
  }, [scroller, rowHeight])
  const drawn = rows + 2 * overscan + stride
  // A list that has become shorter shows its end at once, before its scroller has noticed.
  const from = Math.max(0, Math.min(first, count - drawn))
  return {
    from,
    to: Math.min(count, from + drawn),
    show(index) {
      const list = scroller.current
      if (!list) return
      const start = index * rowHeight
      const seen = list.clientHeight - top
      if (start < list.scrollTop) list.scrollTop = start
      else if (start + rowHeight > list.scrollTop + seen) list.scrollTop = start + rowHeight - seen
      look()
    },
  }
}

const firstOf = (scrolled: number, rowHeight: number): number =>
  Math.max(0, Math.floor(Math.floor(scrolled / rowHeight) / stride) * stride - overscan)
