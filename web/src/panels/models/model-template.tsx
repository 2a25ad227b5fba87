/** The chat template of a model: as text, folded away, however long it is. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { sizeText } from '../../text/numbers.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { CopyButton } from '../../ui/command.tsx'

const mostShown = 20_000

export function ModelTemplate({ template }: { readonly template: string }): JSX.Element {
  const words = text.models.template
  const isOpen = useSignal(false)
  const size = sizeText(new TextEncoder().encode(template).length)
  return (
    <details
      class="model-template card"
      onToggle={({ currentTarget }) => {
        isOpen.value = currentTarget.open
      }}
    >
      <summary>
        <h2>{words.title}</h2> <span class="muted">{words.size(size)}</span>
      </summary>
      {isOpen.value && (
        <>
          <div class="row">
            <CopyButton value={template} />
            {template.length > mostShown && <span class="small muted">{words.cut(sizeText(mostShown))}</span>}
          </div>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and without a mouse it has to have the focus for that */}
          <pre class="name" tabIndex={0}>
            {shown(template, mostShown)}
          </pre>
        </>
      )}
    </details>
  )
}
