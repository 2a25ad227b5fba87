/** How far something is. Without a measure the bar moves to and fro and claims nothing; a share always comes with its words. */
import type { ComponentChildren, JSX } from 'preact'

export interface ProgressProps {
  readonly label: string
  /** 0 to 1; undefined: not known. */
  readonly share: number | undefined
  /** What is done of what, in bytes or steps. */
  readonly children: ComponentChildren
}

export function Progress({ label, share, children }: ProgressProps): JSX.Element {
  const known = share === undefined ? undefined : Math.min(1, Math.max(0, share))
  return (
    <div class="progress">
      <div
        class="track"
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={known === undefined ? undefined : Math.round(known * 100)}
      >
        {known === undefined ? <div class="bar unmeasured" /> : <div class="bar" style={{ transform: `scaleX(${known})` }} />}
      </div>
      <div class="row small muted number">{children}</div>
    </div>
  )
}
