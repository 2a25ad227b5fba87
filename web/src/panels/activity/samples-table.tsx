/** All that is drawn, as a table. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { clockText, dateTimeText } from '../../text/numbers.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { Cells, Heads } from './models-table.tsx'
import type { Bucket } from './samples.ts'
import { modelText } from './words.ts'

export function SamplesTable({ buckets }: { readonly buckets: readonly Bucket[] }): JSX.Element {
  const open = useSignal(false)
  return (
    <details
      onToggle={({ currentTarget }) => {
        open.value = currentTarget.open
      }}
    >
      <summary>{text.activity.asTable}</summary>
      {open.value && <Table buckets={buckets} />}
    </details>
  )
}

function Table({ buckets }: { readonly buckets: readonly Bucket[] }): JSX.Element {
  const words = text.activity.columns
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
    <section class="scrolls tall" tabIndex={0} aria-label={text.activity.asTable}>
      <table class="figures-table">
        <thead>
          <tr>
            <th scope="col">{words.time}</th>
            <th scope="col">{words.model}</th>
            <Heads />
          </tr>
        </thead>
        <tbody>
          {buckets.toReversed().flatMap(({ from, byModel }) =>
            [...byModel].map(([model, sample]) => (
              <tr key={`${from} ${model}`}>
                <th scope="row" title={dateTimeText(from)}>
                  {clockText(from)}
                </th>
                <td class="name">{shown(modelText(model), 200)}</td>
                <Cells sample={sample} />
              </tr>
            )),
          )}
        </tbody>
      </table>
    </section>
  )
}
