/** Where an app finds the models, what to paste into it, and which tokens there are. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { NewToken } from '../../sdk.ts'
import { text } from '../../text/text.ts'
import { useAgainWhenSeen } from '../../ui/again-when-seen.ts'
import { useAsked } from '../../ui/use-asked.tsx'
import { useYard } from '../../yard/context.ts'
import { AddressList } from './address-list.tsx'
import { BrowserApps } from './browser-apps.tsx'
import { ClientSetup } from './client-setup.tsx'
import { TokenList } from './token-list.tsx'

export function ConnectPanel(): JSX.Element {
  const { verbs } = useYard()
  const tokens = useAsked('tokens', (signal) => verbs.tokens.list({ signal }))
  useAgainWhenSeen(tokens)
  /** By the client it was made for. In memory only, and gone with the panel. */
  const made = useSignal<Readonly<Record<string, NewToken>>>({})
  const forget = (name: string): void => {
    made.value = Object.fromEntries(Object.entries(made.value).filter(([, one]) => one.name !== name))
    tokens.again()
  }
  return (
    <div class="connect-panel">
      <header class="stack">
        <h1>{text.connect.title}</h1>
        <p class="muted">{text.connect.lead}</p>
      </header>
      <AddressList />
      <ClientSetup
        taken={tokens.value.value?.map(({ name }) => name) ?? []}
        made={made.value}
        onMade={(client, token) => {
          made.value = { ...made.value, [client]: token }
          tokens.again()
        }}
      />
      <TokenList tokens={tokens} onRevoked={forget} />
      <BrowserApps />
    </div>
  )
}
