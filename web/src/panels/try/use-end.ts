/** Keeps a place that grows at its end, unless the reader has gone elsewhere in it. */
import { type ReadonlySignal, useSignal } from '@preact/signals'
import { useEffect, useLayoutEffect } from 'preact/hooks'

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
  const onScroll = (): void => {
    const { current } = place
    if (current) isThere.value = current.scrollHeight - current.scrollTop - current.clientHeight < near
  }
  return { isThere, go, onScroll }
}
