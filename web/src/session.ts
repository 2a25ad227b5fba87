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

/** The part of the window that is used. */
export interface SessionWindow {
  readonly location: Pick<Location, 'hash' | 'pathname'>
  readonly history: Pick<History, 'replaceState'>
  /** Throws where the browser forbids it. */
  readonly localStorage: Kept
  addEventListener(type: 'hashchange', listener: () => void): void
  addEventListener(type: 'storage', listener: (event: Pick<StorageEvent, 'key' | 'newValue'>) => void): void
}

type Kept = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

export function createSession(door: SessionDoor, window: SessionWindow): SessionView {
  const kept = keptIn(window)
  const session = signal<Session>({ state: 'out' })
  const enter = (token: string): void => {
    session.value = { state: 'in', token }
  }
  const leave = (error?: ModelyardError): void => {
    const known = kept.getItem(key)
    // A link that is old does not end what another one began.
    if (known !== null && error) return enter(known)
    session.value = error ? { state: 'out', error } : { state: 'out' }
  }
  const forget = (error?: ModelyardError): void => {
    kept.removeItem(nameKey)
    kept.removeItem(key)
    leave(error)
  }
  const signIn = async (text: string): Promise<void> => {
    if (session.value.state === 'signing-in') return
    session.value = { state: 'signing-in' }
    try {
      const { token, name } = await door.exchange(codeIn(text) ?? text.trim())
      kept.setItem(nameKey, name)
      kept.setItem(key, token)
      enter(token)
    } catch (error) {
      leave(ModelyardError.from(error))
    }
  }
  /** True where the address had a code; it has none any more. */
  const signInByAddress = (): boolean => {
    const code = codeIn(window.location.hash)
    if (code === undefined) return false
    window.history.replaceState(null, '', window.location.pathname)
    void signIn(code)
    return true
  }
  const known = kept.getItem(key)
  if (!signInByAddress() && known !== null) enter(known)
  // A link that is put into the address of a page that is open already loads nothing.
  window.addEventListener('hashchange', signInByAddress)
  // Another tab has signed in or out.
  window.addEventListener('storage', (event) => {
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
      await door.end(value.token).catch((error) => {
        // It opens nothing as it is.
        if (!ModelyardError.is(error) || error.code !== 'unauthorized') throw error
      })
      forget()
    },
    expired(error) {
      const { value } = session
      const another = kept.getItem(key)
      // Another tab has signed in since: that one's token is not the one that expired.
      if (value.state === 'in' && another !== null && another !== value.token) enter(another)
      else forget(error)
    },
    name: () => kept.getItem(nameKey) ?? undefined,
  }
}

/** In the origin's local storage; in memory alone where there is none, or it is full. */
function keptIn(window: SessionWindow): Kept {
  const memory = new Map<string, string>()
  const tried = <T>(work: (storage: Kept) => T): T | undefined => {
    try {
      return work(window.localStorage)
    } catch {
      return undefined
    }
  }
  return {
    getItem: (name) => memory.get(name) ?? tried((storage) => storage.getItem(name)) ?? null,
    setItem(name, value) {
      memory.set(name, value)
      tried((storage) => {
        storage.setItem(name, value)
        memory.delete(name)
      })
    },
    removeItem(name) {
      memory.delete(name)
      tried((storage) => storage.removeItem(name))
    },
  }
}

/** Of a link or its fragment; undefined where there is none. */
export function codeIn(text: string): string | undefined {
  return /#(?:.*&)?code=([A-Za-z0-9_-]{1,512})/.exec(text)?.[1]
}
