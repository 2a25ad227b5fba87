/** Signing in, out, and what tabs of one browser tell each other. */
import { describe, expect, it } from 'vitest'
import { deferred } from '../../src/util/deferred.ts'
import { ModelyardError } from '../../web/src/sdk.ts'
import { codeIn, createSession, type SessionWindow } from '../../web/src/session.ts'

type Exchange = (code: string) => Promise<{ token: string; name: string }>

const key = 'modelyard.token'
const wrongCode = new ModelyardError('unauthorized', 'The code is not right.')

/** A tab with this fragment and storage, before a service that knows these codes. */
function tab({ hash = '', stored = {} as Record<string, string>, storage = true, exchange = undefined as Exchange | undefined } = {}) {
  const kept = new Map(Object.entries(stored))
  const listeners: { hashchange?: () => void; storage?: (event: { key: string; newValue: string | null }) => void } = {}
  const location = { hash, pathname: '/' }
  const addresses: string[] = []
  const window: SessionWindow = {
    location,
    history: {
      replaceState(_, __, address) {
        addresses.push(String(address))
        location.hash = ''
      },
    },
    get localStorage() {
      if (!storage) throw new DOMException('denied', 'SecurityError')
      return {
        getItem: (name: string) => kept.get(name) ?? null,
        setItem: (name: string, value: string) => void kept.set(name, value),
        removeItem: (name: string) => void kept.delete(name),
      }
    },
    addEventListener: (type: string, listener: unknown) => void Object.assign(listeners, { [type]: listener }),
  }
  const exchanged: string[] = []
  const ended: string[] = []
  let ending: () => Promise<void> = async () => {}
  const session = createSession(
    {
      async exchange(code) {
        exchanged.push(code)
        if (exchange) return exchange(code)
        if (code !== 'good') throw wrongCode
        return { token: 'mdy_new', name: 'browser-firefox-1234' }
      },
      end(token) {
        ended.push(token)
        return ending()
      },
    },
    window,
  )
  return {
    session,
    kept,
    location,
    addresses,
    exchanged,
    ended,
    state: () => session.session.value,
    failEnd: (error: Error) => {
      ending = () => Promise.reject(error)
    },
    paste(fragment: string) {
      location.hash = fragment
      listeners.hashchange?.()
    },
    tellOfOther: (newValue: string | null) => listeners.storage?.({ key, newValue }),
  }
}

/** What promises that are settled have to say is said. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('signing in', () => {
  it('takes the code out of the address before anything is asked, and keeps the token', async () => {
    const { kept, addresses, location, state, session } = tab({ hash: '#code=good' })
    expect([addresses, location.hash, state().state]).toEqual([['/'], '', 'signing-in'])
    await settled()
    expect(state()).toEqual({ state: 'in', token: 'mdy_new' })
    expect([kept.get(key), session.name()]).toEqual(['mdy_new', 'browser-firefox-1234'])
  })

  it('works for a link that is put into the address of the open page, which loads nothing anew', async () => {
    const { paste, location, exchanged, state } = tab()
    paste('#/models')
    expect([exchanged, location.hash]).toEqual([[], '#/models'])
    paste('#code=good')
    expect(location.hash).toBe('')
    await settled()
    expect(state()).toEqual({ state: 'in', token: 'mdy_new' })
  })

  it('is not undone by an old link where this browser is signed in already', async () => {
    const { state, kept } = tab({ hash: '#code=old', stored: { [key]: 'mdy_known' } })
    await settled()
    expect([state(), kept.get(key)]).toEqual([{ state: 'in', token: 'mdy_known' }, 'mdy_known'])
  })

  it('says why it failed where it is not', async () => {
    const { state, session } = tab()
    await session.signIn('http://127.0.0.1:7411/#code=old')
    expect(state()).toEqual({ state: 'out', error: wrongCode })
  })

  it('asks once when it is asked for twice', async () => {
    const held = deferred<{ token: string; name: string }>()
    const { session, exchanged, state } = tab({ exchange: () => held.promise })
    const first = session.signIn('good')
    await session.signIn('good')
    held.resolve({ token: 'mdy_new', name: 'browser-other-1234' })
    await first
    expect([exchanged, state()]).toEqual([['good'], { state: 'in', token: 'mdy_new' }])
  })

  it('holds until the window closes where nothing can be stored', async () => {
    const { session, state } = tab({ storage: false })
    await session.signIn('good')
    expect([state(), session.name()]).toEqual([{ state: 'in', token: 'mdy_new' }, 'browser-firefox-1234'])
    await session.signOut()
    expect([state(), session.name()]).toEqual([{ state: 'out' }, undefined])
  })
})

describe('a token that opens nothing any more', () => {
  const unauthorized = new ModelyardError('unauthorized')

  it('is forgotten, with the reason', () => {
    const { session, state, kept } = tab({ stored: { [key]: 'mdy_old' } })
    session.expired(unauthorized)
    expect([state(), kept.size]).toEqual([{ state: 'out', error: unauthorized }, 0])
  })

  it('does not take with it the one that another tab has got since', () => {
    const { session, state, kept } = tab({ stored: { [key]: 'mdy_old' } })
    kept.set(key, 'mdy_of-another-tab')
    session.expired(unauthorized)
    expect([state(), kept.get(key)]).toEqual([{ state: 'in', token: 'mdy_of-another-tab' }, 'mdy_of-another-tab'])
    session.expired(unauthorized)
    expect([state(), kept.size]).toEqual([{ state: 'out', error: unauthorized }, 0])
  })
})

describe('signing out', () => {
  it('ends the token at the service, then here', async () => {
    const { session, ended, state, kept } = tab({ stored: { [key]: 'mdy_old' } })
    await session.signOut()
    expect([ended, state(), kept.size]).toEqual([['mdy_old'], { state: 'out' }, 0])
  })

  it('is done where the service knows the token no more, and not where it cannot be told', async () => {
    const gone = tab({ stored: { [key]: 'mdy_old' } })
    gone.failEnd(new ModelyardError('unauthorized'))
    await gone.session.signOut()
    expect(gone.state()).toEqual({ state: 'out' })
    const away = tab({ stored: { [key]: 'mdy_old' } })
    away.failEnd(new ModelyardError('service_unreachable'))
    await expect(away.session.signOut()).rejects.toMatchObject({ code: 'service_unreachable' })
    expect(away.state()).toEqual({ state: 'in', token: 'mdy_old' })
  })

  it('is followed by the other tabs, and so is signing in', () => {
    const { state, tellOfOther } = tab({ stored: { [key]: 'mdy_old' } })
    tellOfOther(null)
    expect(state()).toEqual({ state: 'out' })
    tellOfOther('mdy_new')
    expect(state()).toEqual({ state: 'in', token: 'mdy_new' })
  })
})

it('finds the code in a link, a fragment, or among other things in it', () => {
  expect(['http://127.0.0.1:7411/#code=a-b_1', '#code=x', '#a=b&code=x', '#/models', 'abc'].map(codeIn)).toEqual([
    'a-b_1',
    'x',
    'x',
    undefined,
    undefined,
  ])
})
