/** The question before a token ends, with what ends with it. */
import type { JSX } from 'preact'
import type { AppToken } from '../../sdk.ts'
import { text } from '../../text/text.ts'
import { announce } from '../../ui/announcer.tsx'
import { Confirm } from '../../ui/confirm.tsx'
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
  const revoke = async (): Promise<void> => {
    await verbs.tokens.revoke(name)
    announce(words.revoked(name))
    onRevoked(name)
  }
  return (
    <Confirm
      title={words.ask(name)}
      button={words.revoke}
      working={words.revoking}
      failed={words.failed(name)}
      work={revoke}
      onClose={onClose}
    >
      <p>{words.ends}</p>
      {mine && <p>{words.endsHere}</p>}
    </Confirm>
  )
}
