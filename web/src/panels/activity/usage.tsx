/** How fast models answer, over time: as plots, as numbers of the range or of one moment, and as a table. */
import { type Signal, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { addressOf } from '../../route.ts'
import type { UsageSample } from '../../sdk.ts'
import { clockText } from '../../text/numbers.ts'
import { text } from '../../text/text.ts'
import { Button } from '../../ui/button.tsx'
import { now } from '../../ui/clock.ts'
import { Skeleton } from '../../ui/skeleton.tsx'
import { Asked, useAsked } from '../../ui/use-asked.tsx'
import { useYard } from '../../yard/context.ts'
import { looksOf, wantedOf } from './figures.ts'
import { ModelsTable } from './models-table.tsx'
import { Plots } from './plots.tsx'
import { bucketsOf, joined, noModel, type Range, ranges, totalsOf, withoutOld } from './samples.ts'
import { SamplesTable } from './samples-table.tsx'

export function Usage(): JSX.Element {
  const yard = useYard()
  const range = useSignal<Range>('hour')
  const live = useSignal<readonly UsageSample[]>([])
  const asked = useAsked('usage', (signal) => yard.verbs.usage({ signal }))
  useEffect(
    () =>
      yard.onEvent((event) => {
        if (event.type === 'usage.sample') live.value = withoutOld([...live.value, event.sample], Date.now())
      }),
    [yard],
  )
  return (
    <section class="usage stack" aria-labelledby="usage">
      <div class="row">
        <h2 id="usage">{text.activity.speed}</h2>
        <Ranges range={range} />
      </div>
      <Asked asked={asked} title={text.activity.noUsage} skeleton={<Skeleton rows={5} />}>
        {(samples) => <Shown samples={joined(samples, live.value, now.value)} range={range.value} />}
      </Asked>
    </section>
  )
}

function Ranges({ range }: { readonly range: Signal<Range> }): JSX.Element {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would bring a frame of its own
    <div class="ranges" role="group" aria-label={text.activity.range}>
      {ranges.map((one) => (
        <Button
          key={one}
          look="quiet"
          pressed={range.value === one}
          onPress={() => {
            range.value = one
          }}
        >
          {text.activity.ranges[one]}
        </Button>
      ))}
    </div>
  )
}

function Shown({ samples, range }: { readonly samples: readonly UsageSample[]; readonly range: Range }): JSX.Element {
  const chosen = useSignal(noModel)
  const cursor = useSignal<number | undefined>(undefined)
  const known = useRef<ReadonlyMap<string, number>>(new Map())
  const buckets = bucketsOf(samples, range, now.value)
  const totals = totalsOf(buckets)
  if (totals.length === 0) return <Nothing range={range} />
  const models = totals.map(([model]) => model)
  const drawn = looksOf(wantedOf(models, chosen.value), known.current)
  known.current = new Map([...known.current, ...drawn])
  const bucket = cursor.value === undefined ? undefined : buckets[cursor.value]
  return (
    <>
      <Plots buckets={buckets} drawn={drawn} cursor={cursor} range={range} />
      <ModelsTable
        caption={bucket ? text.activity.between(clockText(bucket.from), clockText(bucket.to)) : text.activity.whole[range]}
        rows={bucket ? models.map((model) => [model, bucket.byModel.get(model)] as const) : totals}
        drawn={drawn}
        chosen={chosen}
      />
      <SamplesTable buckets={buckets} />
    </>
  )
}

function Nothing({ range }: { readonly range: Range }): JSX.Element {
  return (
    <p class="muted">
      {text.activity.nothing[range]} <a href={addressOf('try')}>{text.panels.try}</a> ·{' '}
      <a href={addressOf('connect')}>{text.panels.connect}</a>
    </p>
  )
}
