/** One model in one line: name, engine, size, quantization, context, state. */
import type { JSX } from 'preact'
import type { Model } from '../../sdk.ts'
import { sizeText, tokensText } from '../../text/numbers.ts'
import { text } from '../../text/text.ts'
import { Mark } from '../../ui/mark.tsx'

export interface ModelRowProps {
  readonly model: Model
  readonly onUse: () => void
}

export function ModelRow({ model, onUse }: ModelRowProps): JSX.Element {
  const { name, provider, sizeBytes, quantization, contextLength, loaded, slots } = model
  return (
    <div class="model-row">
      <span class="name clip" title={name}>
        {name}
      </span>
      <span class="muted clip">{provider}</span>
      <span class="number">{sizeBytes === undefined ? '' : sizeText(sizeBytes)}</span>
      <span class="number clip">{quantization ?? ''}</span>
      <span class="number">{contextLength === undefined ? '' : tokensText(contextLength)}</span>
      <span class="clip">
        {slots.length > 0 ? (
          <Mark tone="good">{text.switch.serves(slots.join(', '))}</Mark>
        ) : (
          loaded.length > 0 && <Mark tone="muted">{text.states.loaded}</Mark>
        )}
      </span>
      {/* For the mouse; the keyboard has Enter. An option of a list has no button inside. */}
      <span class="use" aria-hidden="true" onClick={onUse}>
        {text.switch.use}
      </span>
    </div>
  )
}
