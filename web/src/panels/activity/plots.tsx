/** Three drawings of the same time: speed, wait for the first token, requests. */
import type { Signal } from '@preact/signals'
import type { JSX } from 'preact'
import { countText, decimalText, durationText, minuteText } from '../../text/numbers.ts'
import { text } from '../../text/text.ts'
import { CursorArea } from './cursor-area.tsx'
import { firstTokenOf, seriesOf, speedOf, topOf } from './figures.ts'
import { Bars, Lines } from './lines.tsx'
import { Plot, type PlotProps } from './plot.tsx'
import { type Bucket, type Range, spans } from './samples.ts'
import { scaleTo } from './scale.ts'
import { bucketWords } from './words.ts'

export interface PlotsProps {
  readonly buckets: readonly Bucket[]
  /** The models that are drawn, with their looks. */
  readonly drawn: ReadonlyMap<string, number>
  readonly cursor: Signal<number | undefined>
  readonly range: Range
}

export function Plots({ buckets, drawn, cursor, range }: PlotsProps): JSX.Element {
  const speeds = seriesOf(buckets, drawn, speedOf)
  const waits = seriesOf(buckets, drawn, firstTokenOf)
  const most = Math.max(0, ...buckets.map(({ all }) => all?.requests ?? 0))
  const common = {
    from: buckets[0]?.from ?? 0,
    to: buckets.at(-1)?.to ?? 0,
    count: buckets.length,
    timeOf: minuteText,
    cursor,
  } satisfies Partial<PlotProps>
  const bucket = cursor.value === undefined ? undefined : buckets[cursor.value]
  return (
    <>
      <CursorArea count={buckets.length} cursor={cursor} words={bucket ? bucketWords(bucket) : text.activity.noMoment}>
        <Plot
          {...common}
          title={text.activity.tokensPerSecond}
          height={140}
          scale={scaleTo(topOf(speeds))}
          labelOf={(one) => decimalText(one)}
        >
          {(frame) => <Lines series={speeds} frame={frame} />}
        </Plot>
        <Plot {...common} title={text.activity.firstToken} height={140} scale={scaleTo(topOf(waits), { least: 1 })} labelOf={durationText}>
          {(frame) => <Lines series={waits} frame={frame} />}
        </Plot>
        <Plot
          {...common}
          title={text.activity.requestsAndErrors}
          height={76}
          scale={scaleTo(most, { most: 2, least: 1 })}
          labelOf={countText}
        >
          {(frame) => <Bars buckets={buckets} frame={frame} />}
        </Plot>
      </CursorArea>
      <p class="small muted">{text.activity.howToRead(durationText(spans[range].bucketMs))}</p>
    </>
  )
}
