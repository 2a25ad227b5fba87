/** A repository behind terms: where to accept them, and which token the service then needs. */
import type { JSX } from 'preact'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { Button } from '../../ui/button.tsx'
import { Command } from '../../ui/command.tsx'
import { Icon } from '../../ui/icons.tsx'
import { Note } from '../../ui/note.tsx'

export interface GatedNoteProps {
  /** In the words of whoever refused. */
  readonly message: string
  readonly page: string | undefined
  readonly onAgain: () => void
}

export function GatedNote({ message, page, onAgain }: GatedNoteProps): JSX.Element {
  const own = text.get.repository.gated
  return (
    <Note tone="warn" title={own.title}>
      <p class="name">{shown(message)}</p>
      {page !== undefined && (
        <p>
          <a class="with-icon" href={page} rel="noreferrer noopener" target="_blank">
            {own.link}
            <Icon name="link" />
          </a>
        </p>
      )}
      <p>{own.token}</p>
      <Command lines={own.command} />
      <div class="row">
        <Button onPress={onAgain}>{own.again}</Button>
      </div>
    </Note>
  )
}
