/** The shape of rows that are still to come. Appears only when they are slow. */
import type { JSX } from 'preact'
import { text } from '../text/text.ts'

export interface SkeletonProps {
  readonly rows: number
  /** Pixels of a row, as the real ones have. */
  readonly rowHeight?: number
}

export function Skeleton({ rows, rowHeight = 34 }: SkeletonProps): JSX.Element {
  return (
    <div class="skeleton-rows">
      <span class="unseen">{text.common.loading}</span>
      {Array.from({ length: rows }, (_, at) => (
        <div key={at} class="skeleton" style={{ height: `${rowHeight - 10}px`, width: `${100 - ((at * 17) % 40)}%` }} />
      ))}
    </div>
  )
}
