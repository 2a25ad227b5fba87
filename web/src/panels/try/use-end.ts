/** Keeps a place that grows at its end, unless the reader has gone elsewhere in it. */
import { type ReadonlySignal, useSignal } from '@preact/signals'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'

export interface End {
  readonly isThere: ReadonlySignal<boolean>
  go(): void
  readonly onScroll: () => void
}

/** Pixels that are as good as the end. */
const near = 24

/** `newest`: when it is another, the reader is taken to the end wherever they are. */
export function useEnd(place: { readonly current: HTMLElement | null }, newest: number): End {
  const isThere = useSignal(true)
  const go = (): void => {
    isThere.value = true
    place.current?.scrollTo({ top: place.current.scrollHeight })
  }
  useLayoutEffect(go, [newest])
  useEffect(() => {
    const { current } = place
    if (!current) return
    const grown = new ResizeObserver(() => {
      if (isThere.peek()) go()
    })
    // The place itself as well: a page that gets narrower makes its content higher.
    grown.observe(current)
    for (const one of current.children) grown.observe(one)
    return () => grown.disconnect()
  }, [])
  const top = useRef(0)
  const onScroll = (): void => {
    const { current } = place
    if (!current) return
    const { scrollHeight, scrollTop, clientHeight } = current
    // Further from the end without having gone back: it has grown since, and is followed in a moment.
    if (scrollHeight - scrollTop - clientHeight < near) isThere.value = true
    else if (scrollTop < top.current) isThere.value = false
    top.current = scrollTop
  }
  return { isThere, go, onScroll }
}
