/** One model in the list: name, kind, engine, size, quantization, context, when it changed, what it does now. */
import type { JSX } from 'preact'
import type { Model } from '../../sdk.ts'
import { agoText, sizeText, tokensText } from '../../text/numbers.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { now } from '../../ui/clock.ts'
import { Icon } from '../../ui/icons.tsx'
import { Mark } from '../../ui/mark.tsx'
import { useYard } from '../../yard/context.ts'
import { silentEngines } from './known-models.ts'

export interface ShelfRowProps {
  readonly model: Model
  readonly onOpen: () => void
}

/** Opened by one press; the keyboard has Enter, since an option of a list has no button inside. */
export function ShelfRow({ model, onOpen }: ShelfRowProps): JSX.Element {
  const { name, provider, kind, sizeBytes, quantization, contextLength, modifiedAt } = model
  return (
    // biome-ignore lint/a11y: it is the option around it that has the role and, by the list, the keys
    <div class="shelf-row" onClick={onOpen}>
      <span class="title clip">
        <span class="name" title={shown(name, 300)}>
          {shown(name, 200)}
        </span>
        {kind !== 'chat' && <span class="tag">{text.models.kinds[kind]}</span>}
      </span>
      <span class="muted clip">{provider}</span>
      <span class="number size">{sizeBytes === undefined ? '' : sizeText(sizeBytes)}</span>
      <span class="number clip">{shown(quantization ?? '', 40)}</span>
      <span class="number context">{contextLength === undefined ? '' : tokensText(contextLength)}</span>
      <span class="muted clip modified">{modifiedAt === undefined ? '' : agoText(modifiedAt, now.value)}</span>
      <RowMarks model={model} />
    </div>
  )
}

function RowMarks({ model: { slots, loaded, pinned, provider } }: { readonly model: Model }): JSX.Element {
  const isSilent = silentEngines(useYard()).includes(provider)
  return (
    <span class="marks clip">
      {pinned && (
        <span class="pin muted" title={text.models.pinned}>
          <Icon name="pin" />
          <span class="unseen">{text.models.pinned}</span>
        </span>
      )}
      {isSilent ? (
        <Mark tone="warn">{text.models.lastKnown}</Mark>
      ) : slots.length > 0 ? (
        <Mark tone="good">{text.models.serves(slots.join(', '))}</Mark>
      ) : (
        loaded.length > 0 && <Mark tone="muted">{text.states.loaded}</Mark>
      )}
    </span>
  )
}
