/**
 * Signing in: the one-time code of the address becomes a token of this browser, kept in the origin's local storage, so
 * that a second tab needs none. The code leaves the address at once; the token is never in one.
 */
import { type ReadonlySignal, signal } from '@preact/signals'
import { ModelyardError } from './sdk.ts'

export type Session =
  | { readonly state: 'signing-in' }
  | { readonly state: 'in'; readonly token: string }
  /** Why, where there is a reason besides never having signed in. */
  | { readonly state: 'out'; readonly error?: ModelyardError }

export interface SessionView {
  readonly session: ReadonlySignal<Session>
  /** A code, or the whole link with one. */
  signIn(code: string): Promise<void>
  /** Takes the token back at the service as well. */
  signOut(): Promise<void>
  /** The service does not know the token any more. */
  expired(error: ModelyardError): void
  /** The name of this browser's token among all tokens, where it is known. */
  name(): string | undefined
}

const key = 'modelyard.token'
const nameKey = 'modelyard.token-name'

/** The calls that need no connection: they come before one, or end it. */
export interface SessionDoor {
  exchange(code: string): Promise<{ token: string; name: string }>
  end(token: string): Promise<void>
}

export function createSession(door: SessionDoor, { location, history, localStorage }: Window): SessionView {
  const session = signal<Session>({ state: 'out' })
  const enter = (token: string): void => {
    session.value = { state: 'in', token }
  }
  const signIn = async (text: string): Promise<void> => {
    session.value = { state: 'signing-in' }
    try {
      const { token, name } = await door.exchange(codeIn(text) ?? text.trim())
      localStorage.setItem(nameKey, name)
      localStorage.setItem(key, token)
      enter(token)
    } catch (error) {
      session.value = { state: 'out', error: ModelyardError.from(error) }
    }
  }
  const forget = (error?: ModelyardError): void => {
    localStorage.removeItem(nameKey)
    localStorage.removeItem(key)
    session.value = error ? { state: 'out', error } : { state: 'out' }
  }
  const code = codeIn(location.hash)
  if (code !== undefined) history.replaceState(null, '', location.pathname)
  const known = localStorage.getItem(key)
  if (code !== undefined) void signIn(code)
  else if (known !== null) enter(known)
  // Another tab has signed in or out.
  globalThis.addEventListener('storage', (event) => {
    if (event.key !== key) return
    if (event.newValue === null) session.value = { state: 'out' }
    else enter(event.newValue)
  })
  return {
    session,
    signIn,
    async signOut() {
      const { value } = session
      if (value.state !== 'in') return
      await door.end(value.token)
      forget()
    },
    expired: forget,
    name: () => localStorage.getItem(nameKey) ?? undefined,
  }
}

/** Of a link or its fragment; undefined where there is none. */
export function codeIn(text: string): string | undefined {
  return /#(?:.*&)?code=([A-Za-z0-9_-]{1,512})/.exec(text)?.[1]
}
