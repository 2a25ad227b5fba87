/** A drawing over time: its axes, what is drawn in it, and where the reader looks. The table beside it says the same in words. */
import type { Signal } from '@preact/signals'
import type { ComponentChildren, JSX } from 'preact'
import { type Scale, timeTicks } from './scale.ts'
import { useWidth } from './use-width.ts'

export interface Frame {
  readonly xOf: (at: number) => number
  readonly yOf: (value: number) => number
  /** Pixels of a bucket. */
  readonly step: number
}

export interface PlotProps {
  readonly title: string
  readonly from: number
  readonly to: number
  /** How many buckets. */
  readonly count: number
  readonly scale: Scale
  readonly height: number
  readonly labelOf: (value: number) => string
  readonly timeOf: (time: number) => string
  /** The bucket that the reader looks at. */
  readonly cursor: Signal<number | undefined>
  readonly children: (frame: Frame) => ComponentChildren
}

/** Pixels that half a time needs. */
const halfLabel = 24
const edge = { start: 52, end: 10, top: 8, bottom: 20 }

export function Plot(props: PlotProps): JSX.Element {
  const { title, count, scale, height, cursor, children } = props
  const { place, width } = useWidth()
  const inner = Math.max(0, width.value - edge.start - edge.end)
  const step = inner / count
  const base = height - edge.bottom
  const frame: Frame = {
    step,
    xOf: (at) => edge.start + (at + 0.5) * step,
    yOf: (value) => base - (value / scale.max) * (base - edge.top),
  }
  const look = ({ clientX, currentTarget }: PointerEvent & { readonly currentTarget: SVGSVGElement }): void => {
    const at = Math.floor((clientX - currentTarget.getBoundingClientRect().left - edge.start) / step)
    cursor.value = Math.min(count - 1, Math.max(0, at))
  }
  return (
    <div class="plot">
      <div class="small muted">{title}</div>
      <div ref={place}>
        {inner > 0 && (
          <svg width={width.value} height={height} aria-hidden="true" onPointerMove={look} onPointerDown={look}>
            <Axes {...props} frame={frame} base={base} end={edge.start + inner} most={Math.max(2, Math.floor(inner / 66))} />
            {cursor.value !== undefined && (
              <line class="cursor" x1={frame.xOf(cursor.value)} x2={frame.xOf(cursor.value)} y1={edge.top} y2={base} />
            )}
            {children(frame)}
          </svg>
        )}
      </div>
    </div>
  )
}

interface AxesProps extends PlotProps {
  readonly frame: Frame
  readonly base: number
  readonly end: number
  /** Times that fit. */
  readonly most: number
}

function Axes({ from, to, scale, labelOf, timeOf, frame, base, end, most }: AxesProps): JSX.Element {
  const xAt = (time: number): number => edge.start + ((time - from) / (to - from)) * (end - edge.start)
  return (
    <g class="axes">
      {scale.ticks.map((tick) => (
        <g key={tick}>
          <line x1={edge.start} x2={end} y1={frame.yOf(tick)} y2={frame.yOf(tick)} />
          <text x={edge.start - 6} y={frame.yOf(tick)} dy="0.32em" text-anchor="end">
            {labelOf(tick)}
          </text>
        </g>
      ))}
      {timeTicks(from, to, most, new Date(from).getTimezoneOffset() * 60_000)
        .filter((time) => xAt(time) - edge.start > halfLabel && end - xAt(time) > halfLabel)
        .map((time) => (
          <text key={time} x={xAt(time)} y={base + 15} text-anchor="middle">
            {timeOf(time)}
          </text>
        ))}
    </g>
  )
}
