/** Whether a part has less room than it needs for one line of everything. Its own room counts, not the window's: it may be embedded. */
import type { RefObject } from 'preact'
import { useLayoutEffect, useState } from 'preact/hooks'

export function useNarrow(part: RefObject<HTMLElement | null>, belowPixels: number): boolean {
  const [narrow, setNarrow] = useState(false)
  useLayoutEffect(() => {
    const { current } = part
    if (!current) return
    const measure = (): void => setNarrow(current.clientWidth < belowPixels)
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(current)
    return () => observer.disconnect()
  }, [part, belowPixels])
  return narrow
}
