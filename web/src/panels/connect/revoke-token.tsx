/** The question before a token ends, with what ends with it. */
import type { JSX } from 'preact'
import type { AppToken } from '../../sdk.ts'
import { text } from '../../text/text.ts'
import { announce } from '../../ui/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { ErrorNote } from '../../ui/note.tsx'
import { useCall } from '../../ui/use-call.ts'
import { useYard } from '../../yard/context.ts'

export interface RevokeTokenProps {
  readonly token: AppToken
  /** It is this browser's own. */
  readonly mine: boolean
  readonly onClose: () => void
  readonly onRevoked: (name: string) => void
}

export function RevokeToken({ token: { name }, mine, onClose, onRevoked }: RevokeTokenProps): JSX.Element {
  const { verbs } = useYard()
  const words = text.connect.tokens
  const revoke = useCall()
  const press = (): void =>
    void revoke.run(async () => {
      await verbs.tokens.revoke(name)
      announce(words.revoked(name))
      onRevoked(name)
      onClose()
    })
  return (
    <Dialog
      title={words.ask(name)}
      onClose={onClose}
      ends={
        <>
          <Button onPress={onClose} autofocus>
            {text.common.cancel}
          </Button>
          <Button look="danger" onPress={press} unavailable={revoke.running.value ? text.common.loading : undefined}>
            {words.revoke}
          </Button>
        </>
      }
    >
      <p>{words.ends}</p>
      {mine && <p>{words.endsHere}</p>}
      {revoke.error.value !== undefined && <ErrorNote title={words.failed(name)} error={revoke.error.value} />}
    </Dialog>
  )
}
