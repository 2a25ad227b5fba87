/** What is drawn in a plot: a line for each model with a mark for each point, or a bar for each bucket. */
import type { JSX } from 'preact'
import { marks, type Series, type SeriesPoint } from './figures.ts'
import type { Frame } from './plot.tsx'
import { type Bucket, errorsOf } from './samples.ts'
import { runsOf } from './scale.ts'

/** Narrower than this, marks of neighbours would be one smear: only the ends of a run have one. */
const roomForMarks = 7

export function Lines({ series, frame }: { readonly series: readonly Series[]; readonly frame: Frame }): JSX.Element {
  return (
    <>
      {series.map((one) => (
        <Line key={one.model} series={one} frame={frame} />
      ))}
    </>
  )
}

function Line({ series: { look, points }, frame: { xOf, yOf, step } }: { readonly series: Series; readonly frame: Frame }): JSX.Element {
  const runs = runsOf(points) as readonly (readonly SeriesPoint[])[]
  const marked = step >= roomForMarks ? points : runs.flatMap((run) => [run[0], run.at(-1)].filter((one) => one !== undefined))
  return (
    <g class={`series look-${look}`}>
      {points.map(({ at, value, max }) =>
        max !== undefined && max > value ? <line key={at} class="whisker" x1={xOf(at)} x2={xOf(at)} y1={yOf(value)} y2={yOf(max)} /> : null,
      )}
      {runs.map((run) => (
        <polyline key={run[0]?.at} points={run.map(({ at, value }) => `${xOf(at)},${yOf(value)}`).join(' ')} />
      ))}
      {[...new Set(marked)].map(({ at, value }) => (
        <path key={at} d={marks[look]} transform={`translate(${xOf(at)} ${yOf(value)})`} />
      ))}
    </g>
  )
}

export function Bars({ buckets, frame: { xOf, yOf, step } }: { readonly buckets: readonly Bucket[]; readonly frame: Frame }): JSX.Element {
  const width = Math.max(1, Math.min(18, step - 1))
  return (
    <>
      {buckets.map(({ from, all }, at) => {
        if (!all || all.requests === 0) return null
        const x = xOf(at) - width / 2
        const errors = errorsOf(all)
        const good = Math.max(0, all.requests - errors)
        return (
          <g key={from}>
            <rect class="bar" x={x} width={width} y={yOf(good)} height={yOf(0) - yOf(good)} />
            <rect class="bar failed" x={x} width={width} y={yOf(all.requests)} height={yOf(good) - yOf(all.requests)} />
          </g>
        )
      })}
    </>
  )
}
