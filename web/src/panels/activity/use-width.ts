/** The pixels that a part has beside it: a drawing of that size has lines and letters as they are meant. */
import { type ReadonlySignal, useSignal } from '@preact/signals'
import { useLayoutEffect, useRef } from 'preact/hooks'

export function useWidth(): { readonly place: { current: HTMLDivElement | null }; readonly width: ReadonlySignal<number> } {
  const place = useRef<HTMLDivElement | null>(null)
  const width = useSignal(0)
  useLayoutEffect(() => {
    const { current } = place
    if (!current) return
    const measure = (): void => {
      width.value = Math.floor(current.clientWidth)
    }
    measure()
    const watch = new ResizeObserver(measure)
    watch.observe(current)
    return () => watch.disconnect()
  }, [])
  return { place, width }
}
