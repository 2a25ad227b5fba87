/** The page: the door, or the yard behind it. */
import type { JSX } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { Frame } from './frame/frame.tsx'
import { SignIn } from './frame/sign-in.tsx'
import { Unreachable } from './frame/unreachable.tsx'
import type { SessionView } from './session.ts'
import { SessionContext } from './session-context.ts'
import { Announcer } from './ui/announcer.tsx'
import { YardContext } from './yard/context.ts'
import { createYard } from './yard/yard.ts'

export interface AppProps {
  /** Of the service. */
  readonly url: string
  readonly session: SessionView
}

export function App({ url, session }: AppProps): JSX.Element {
  const { value } = session.session
  if (value.state === 'in') return <SignedIn key={value.token} url={url} token={value.token} session={session} />
  return (
    <>
      <SignIn session={session} />
      <Announcer />
    </>
  )
}

function SignedIn({ url, token, session }: AppProps & { readonly token: string }): JSX.Element | null {
  const yard = useMemo(() => createYard({ url, token, onError: reportToNobody }), [url, token])
  useEffect(() => yard.close, [yard])
  const connection = yard.connection.value
  useEffect(() => {
    if (connection.state === 'refused') session.expired(connection.error)
  }, [connection, session])
  if (yard.status.value === undefined)
    return connection.state === 'lost' ? <Unreachable url={url} onRetry={yard.retry} /> : <Connecting url={url} />
  return (
    <YardContext.Provider value={yard}>
      <SessionContext.Provider value={session}>
        <Frame session={session} />
      </SessionContext.Provider>
    </YardContext.Provider>
  )
}

/** So long a page may be empty: what answers at all answers sooner. */
const silentMs = 3000

/** What took the connection may still say nothing. */
function Connecting({ url }: { readonly url: string }): JSX.Element | null {
  const [isSilent, setSilent] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setSilent(true), silentMs)
    return () => clearTimeout(timer)
  }, [])
  return isSilent ? <Unreachable url={url} onRetry={() => location.reload()} /> : null
}

/** A list that could not be read is read again by itself; a connection that was lost is shown. */
const reportToNobody = (): void => {}
