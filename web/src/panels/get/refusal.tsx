/** Why it cannot be got like this, in the words of whoever refused, and what to do. */
import type { JSX } from 'preact'
import { ModelyardError } from '../../sdk.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { Button } from '../../ui/button.tsx'
import { Note } from '../../ui/note.tsx'
import { GatedNote } from './gated-note.tsx'
import { helpFor } from './plan-words.ts'

export function Refusal({ error, onAgain }: { readonly error: unknown; readonly onAgain: () => void }): JSX.Element {
  const own = text.get.plan
  const refused = ModelyardError.from(error)
  const { page, candidates, advice, gated } = helpFor(refused)
  if (gated) return <GatedNote message={refused.message} page={page} onAgain={onAgain} />
  return (
    <Note tone="bad" title={own.failed}>
      <p class="name">{shown(refused.message)}</p>
      {refused.hint !== '' && <p class="name muted">{shown(refused.hint)}</p>}
      {advice.map((one) => (
        <p key={one} class="name">
          {one}
        </p>
      ))}
      {candidates.length > 0 && (
        <>
          <p>{own.candidates}</p>
          <ul>
            {candidates.map((one) => (
              <li key={one} class="name">
                {shown(one, 200)}
              </li>
            ))}
          </ul>
        </>
      )}
      <div class="row">
        <Button onPress={onAgain}>{own.again}</Button>
      </div>
    </Note>
  )
}
