/** The engine of a model does not answer: what is shown below is what was last known. */
import type { JSX } from 'preact'
import type { Model, ModelyardError } from '../../sdk.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { Button } from '../../ui/button.tsx'
import { Note } from '../../ui/note.tsx'
import { useYard } from '../../yard/context.ts'

export interface SilentNoteProps {
  readonly model: Model
  readonly error: ModelyardError
  readonly onRetry: () => void
}

export function SilentNote({ model: { provider }, error, onRetry }: SilentNoteProps): JSX.Element {
  const hint = useYard().providers.value.find(({ id }) => id === provider)?.hint ?? error.hint
  return (
    <Note tone="warn" title={text.models.silent.title(provider)}>
      <p>{text.models.silent.what}</p>
      <p class="name">{shown(error.message)}</p>
      {hint !== '' && <p class="name muted">{shown(hint)}</p>}
      <div class="row">
        <Button onPress={onRetry}>{text.common.tryAgain}</Button>
      </div>
    </Note>
  )
}
