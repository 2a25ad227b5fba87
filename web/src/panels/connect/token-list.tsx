/** Which tokens there are, when each was last used, and the end of one. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { AppToken } from '../../sdk.ts'
import { useSession } from '../../session-context.ts'
import { agoText, dateTimeText } from '../../text/numbers.ts'
import { text } from '../../text/text.ts'
import { Button } from '../../ui/button.tsx'
import { now } from '../../ui/clock.ts'
import { Mark } from '../../ui/mark.tsx'
import type { Question } from '../../ui/question.ts'
import { Skeleton } from '../../ui/skeleton.tsx'
import { Asked } from '../../ui/use-asked.tsx'
import { RevokeToken } from './revoke-token.tsx'

export interface TokenListProps {
  readonly tokens: Question<readonly AppToken[]>
  readonly onRevoked: (name: string) => void
}

export function TokenList({ tokens, onRevoked }: TokenListProps): JSX.Element {
  const words = text.connect.tokens
  const asked = useSignal<AppToken | undefined>(undefined)
  const mine = useSession()?.name()
  const close = (): void => {
    asked.value = undefined
  }
  return (
    <section class="stack" aria-labelledby="connect-tokens">
      <h2 id="connect-tokens">{words.title}</h2>
      <Asked asked={tokens} title={words.unread} skeleton={<Skeleton rows={3} />}>
        {(list) =>
          list.length === 0 ? (
            <p class="muted">{words.none}</p>
          ) : (
            <TokenTable
              tokens={list}
              mine={mine}
              onRevoke={(one) => {
                asked.value = one
              }}
            />
          )
        }
      </Asked>
      <p class="muted small">{words.home}</p>
      {asked.value && <RevokeToken token={asked.value} mine={asked.value.name === mine} onClose={close} onRevoked={onRevoked} />}
    </section>
  )
}

interface TokenTableProps {
  readonly tokens: readonly AppToken[]
  /** The name of this browser's own. */
  readonly mine: string | undefined
  readonly onRevoke: (token: AppToken) => void
}

function TokenTable({ tokens, mine, onRevoke }: TokenTableProps): JSX.Element {
  const words = text.connect.tokens
  return (
    <table class="rows token-table" aria-label={words.title}>
      <thead>
        <tr>
          {[words.name, words.kind, words.scope, words.made, words.used].map((one) => (
            <th key={one} scope="col">
              {one}
            </th>
          ))}
          <th scope="col">
            <span class="unseen">{words.actions}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {tokens.map((one) => (
          <TokenRow key={one.name} token={one} mine={one.name === mine} onRevoke={() => onRevoke(one)} />
        ))}
      </tbody>
    </table>
  )
}

interface TokenRowProps {
  readonly token: AppToken
  readonly mine: boolean
  readonly onRevoke: () => void
}

function TokenRow({ token, mine, onRevoke }: TokenRowProps): JSX.Element {
  const words = text.connect.tokens
  const { name, kind, scope, createdAt, lastUsedAt } = token
  return (
    <tr>
      <th scope="row">
        <span class="name">{name}</span> {mine && <Mark tone="good">{words.here}</Mark>}
      </th>
      <td data-label={words.kind}>{words.kinds[kind]}</td>
      <td data-label={words.scope}>{words.scopes[scope]}</td>
      <td data-label={words.made}>
        <time dateTime={createdAt}>{dateTimeText(createdAt)}</time>
      </td>
      <td data-label={words.used}>
        {lastUsedAt === undefined ? (
          words.never
        ) : (
          <time dateTime={lastUsedAt} title={dateTimeText(lastUsedAt)}>
            {agoText(lastUsedAt, now.value)}
          </time>
        )}
      </td>
      <td class="end">
        <Button look="quiet" label={words.revokeOf(name)} onPress={onRevoke}>
          {words.revoke}
        </Button>
      </td>
    </tr>
  )
}
