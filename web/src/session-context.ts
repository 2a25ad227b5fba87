/** Hands the session to what shows who is signed in, or ends it. An element has none: its host app has the token. */
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { SessionView } from './session.ts'

export const SessionContext = createContext<SessionView | undefined>(undefined)

export const useSession = (): SessionView | undefined => useContext(SessionContext)
