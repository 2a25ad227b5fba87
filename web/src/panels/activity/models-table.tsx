/** Each model's numbers, of the whole range or of the moment that the reader looks at; choosing one draws it alone. */
import type { Signal } from '@preact/signals'
import type { JSX } from 'preact'
import type { UsageSample } from '../../sdk.ts'
import { countText, decimalText, durationText } from '../../text/numbers.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { Look } from './look.tsx'
import { errorsOf, noModel } from './samples.ts'
import { modelText } from './words.ts'

export interface ModelsTableProps {
  readonly caption: string
  readonly rows: readonly (readonly [model: string, UsageSample | undefined])[]
  /** Those that are drawn, with their looks. */
  readonly drawn: ReadonlyMap<string, number>
  /** The one that is drawn alone; `noModel`: none. */
  readonly chosen: Signal<string>
}

export function ModelsTable({ caption, rows, drawn, chosen }: ModelsTableProps): JSX.Element {
  const words = text.activity.columns
  return (
    <div class="scrolls">
      <table class="figures-table">
        <caption class="small muted">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{words.model}</th>
            <Heads />
          </tr>
        </thead>
        <tbody>
          {rows.map(([model, sample]) => (
            <tr key={model}>
              <th scope="row">
                <ModelName model={model} look={drawn.get(model)} chosen={chosen} />
              </th>
              <Cells sample={sample} />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface ModelNameProps {
  readonly model: string
  readonly look: number | undefined
  readonly chosen: Signal<string>
}

function ModelName({ model, look, chosen }: ModelNameProps): JSX.Element {
  if (model === noModel) return <span class="muted">{modelText(model)}</span>
  const isChosen = chosen.value === model
  return (
    <button
      type="button"
      class="model-name"
      aria-pressed={isChosen}
      title={text.activity.alone}
      onClick={() => {
        chosen.value = isChosen ? noModel : model
      }}
    >
      {look !== undefined && <Look look={look} />}
      <span class="name clip">{shown(model, 200)}</span>
    </button>
  )
}

/** The names of the columns that `Cells` fills. */
export function Heads(): JSX.Element {
  const words = text.activity.columns
  return (
    <>
      <th scope="col">{words.speed}</th>
      <th scope="col">{words.firstToken}</th>
      <th scope="col">{words.requests}</th>
      <th scope="col">{words.errors}</th>
      <th scope="col">{words.waited}</th>
    </>
  )
}

/** The numbers of a sample; a dash where there is none. */
export function Cells({ sample }: { readonly sample: UsageSample | undefined }): JSX.Element {
  const { tokensPerSecond, firstTokenMs, waitMs } = sample ?? {}
  const errors = sample ? errorsOf(sample) : 0
  return (
    <>
      <td>{tokensPerSecond === undefined ? '–' : decimalText(tokensPerSecond)}</td>
      <td title={firstTokenMs && text.activity.longest(durationText(firstTokenMs.max))}>
        {firstTokenMs ? durationText(firstTokenMs.mean) : '–'}
      </td>
      <td>{sample ? countText(sample.requests) : '–'}</td>
      <td class={errors > 0 ? 'failed' : ''} title={sample && errors > 0 ? Object.keys(sample.errors).join(', ') : undefined}>
        {sample ? countText(errors) : '–'}
      </td>
      <td>{waitMs ? text.activity.waited(waitMs.count, durationText(waitMs.max)) : '–'}</td>
    </>
  )
}
