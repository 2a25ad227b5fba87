/** One model: name and abilities, engine, size, quantization, context, state. One line, or two where there is little room. */
import type { JSX } from 'preact'
import type { Model } from '../../sdk.ts'
import { sizeText, tokensText } from '../../text/numbers.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { Mark } from '../../ui/mark.tsx'
import { capabilitiesOf } from './filter.ts'

const words = text.switch

export interface ModelRowProps {
  readonly model: Model
  /** It is being brought up for a slot. */
  readonly switching: boolean
  readonly onUse: (model: Model) => void
}

export function ModelRow({ model, switching, onUse }: ModelRowProps): JSX.Element {
  const { name, provider, sizeBytes, quantization, contextLength } = model
  const abilities = abilitiesOf(model).join(' · ')
  return (
    <div class="model-row">
      <span class="model">
        <span class="name clip">{shown(name, 200)}</span>
        {abilities !== '' && <span class="abilities clip">{abilities}</span>}
      </span>
      <span class="engine muted name clip">{provider}</span>
      <span class="size number">{sizeBytes === undefined ? '' : sizeText(sizeBytes)}</span>
      <span class="quantization number clip">{quantization === undefined ? '' : shown(quantization, 40)}</span>
      <span class="context number">
        {contextLength !== undefined && (
          <>
            <span class="unseen">{words.context}</span> {tokensText(contextLength)}
          </>
        )}
      </span>
      <span class="state clip">
        <State model={model} switching={switching} />
      </span>
      {/* For the mouse; the keyboard has Enter, and the bar below a button. An option of a list has no button inside. */}
      <span class="use" aria-hidden="true" onClick={() => onUse(model)} onDblClick={(event) => event.stopPropagation()}>
        {words.use}
      </span>
    </div>
  )
}

function State({ model: { slots, loaded }, switching }: Pick<ModelRowProps, 'model' | 'switching'>): JSX.Element | null {
  if (switching)
    return (
      <Mark tone="plain" icon="working">
        {words.switching}
      </Mark>
    )
  if (slots.length > 0) return <Mark tone="good">{words.serves(slots.join(', '))}</Mark>
  return loaded.length > 0 ? <Mark tone="muted">{text.states.loaded}</Mark> : null
}

const abilitiesOf = (model: Model): readonly string[] => capabilitiesOf(model).map((one) => text.capabilities[one])

export function RowHeader(): JSX.Element {
  const { columns } = words
  return (
    <div class="model-row small muted">
      <span>{columns.name}</span>
      <span>{columns.provider}</span>
      <span class="size">{columns.size}</span>
      <span>{columns.quantization}</span>
      <span class="context">{columns.context}</span>
      <span>{columns.state}</span>
      <span />
    </div>
  )
}

/** Rows where rows will be. */
export function RowSkeletons(): JSX.Element {
  return (
    <div class="list" role="status" aria-label={text.common.loading}>
      {[62, 48, 71, 55, 40, 66].map((width) => (
        <div key={width} class="skeleton-row">
          <div class="skeleton" style={{ width: `${width * 0.6}%` }} />
        </div>
      ))}
    </div>
  )
}
