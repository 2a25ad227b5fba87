/**
 * A client of WebDriver (https://www.w3.org/TR/webdriver2/, sections 6 and 8 to 17), as much of it as tests of a page
 * need: one session, scripts, elements found as a person or a screen reader names them.
 */
import { writeFile } from 'node:fs/promises'

/** A selector, what it says, or what assistive technology is told. All of them look into open shadow roots. */
export type Target = string | { readonly text: string } | { readonly role: string; readonly name?: string }

/** Section 17.4.2. */
export const keys = { tab: '\uE004', enter: '\uE007', escape: '\uE00C', down: '\uE015', up: '\uE013' } as const

export interface DrivenPage {
  open(url: string): Promise<void>
  reload(): Promise<void>
  /** In the page; the value of a promise is waited for. Arguments and result are JSON. */
  evaluate<Result, Args extends readonly unknown[] = []>(
    work: string | ((...args: Args) => Result),
    ...args: Args
  ): Promise<Awaited<Result>>
  /** Until the expression is true; rejects when it has not become so within the time. */
  waitFor(expression: string, withinMs?: number): Promise<void>
  click(target: Target): Promise<void>
  /** Into what is found; without a target on the keyboard, wherever the focus is. Keys that are no letters: `keys`. */
  type(text: string, target?: Target): Promise<void>
  /** All that is visible, shadow roots too. */
  text(): Promise<string>
  resize(width: number, height: number): Promise<void>
  screenshot(path: string): Promise<void>
}

export interface Driver extends DrivenPage {
  /** Of the browser, such as 2.50.6. */
  readonly version: string
  /** Ends the session, and the browser with it. */
  quit(): Promise<void>
}

/** Of an element in a message; section 8.1. */
const elementKey = 'element-6066-11e4-a52e-4f735466cecf'
const patienceMs = 20_000

export class WebDriverFault extends Error {
  readonly error: string
  constructor(error: string, message: string) {
    super(`${error}: ${message}`)
    this.error = error
  }
}

type Send = <Value>(method: string, path: string, body?: object) => Promise<Value>

export async function openSession(url: string, capabilities: object): Promise<Driver> {
  const made = await ask<{ sessionId: string; capabilities: { browserVersion: string } }>('POST', `${url}/session`, {
    capabilities: { alwaysMatch: capabilities },
  })
  const send: Send = (method, path, body) => ask(method, `${url}/session/${made.sessionId}${path}`, body)
  await send('POST', '/timeouts', { script: patienceMs, pageLoad: patienceMs })
  return { ...driverOf(send), version: made.capabilities.browserVersion }
}

async function ask<Value>(method: string, url: string, body: object = {}): Promise<Value> {
  const request = method === 'POST' ? { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : { method }
  const answer = await fetch(url, { ...request, signal: AbortSignal.timeout(2 * patienceMs) })
  const { value } = (await answer.json()) as { value: Value & { error?: string; message?: string } }
  if (!answer.ok) throw new WebDriverFault(value.error ?? `status ${answer.status}`, value.message ?? '')
  return value
}

function driverOf(send: Send): Omit<Driver, 'version'> {
  const evaluate: DrivenPage['evaluate'] = async (work, ...args) => {
    const source = typeof work === 'string' ? `() => (${work})` : String(work)
    const script = `const done = arguments[arguments.length - 1]; const args = [...arguments].slice(0, -1)
      Promise.resolve().then(() => (${source})(...args)).then((value) => done({ value }), (error) => done({ failed: String(error) }))`
    const { value, failed } = await send<{ value: never; failed?: string }>('POST', '/execute/async', { script, args })
    if (failed !== undefined) throw new Error(failed)
    return value
  }
  const find = (target: Target): Promise<string> => within(patienceMs, `${JSON.stringify(target)} on the page`, () => lookFor(send, target))
  return {
    evaluate,
    open: (url) => send('POST', '/url', { url }),
    reload: () => send('POST', '/refresh'),
    waitFor: async (expression, withinMs = patienceMs) => {
      await within(withinMs, expression, () => evaluate<boolean>(`Promise.resolve(${expression}).then(Boolean)`))
    },
    click: async (target) => send('POST', `/element/${await find(target)}/click`),
    type: async (text, target) => {
      if (target === undefined) return send('POST', '/actions', { actions: [{ type: 'key', id: 'keyboard', actions: strokesOf(text) }] })
      await send('POST', `/element/${await find(target)}/value`, { text })
    },
    text: () => evaluate(visibleText),
    resize: async (width, height) => void (await send('POST', '/window/rect', { width, height })),
    screenshot: async (path) => writeFile(path, Buffer.from(await send<string>('GET', '/screenshot'), 'base64')),
    quit: () => send('DELETE', ''),
  }
}

/** Asks again until there is an answer; what is gone or not yet there meanwhile (a page that changes) is no failure. */
async function within<Found>(milliseconds: number, what: string, look: () => Promise<Found>): Promise<NonNullable<Found>> {
  const end = performance.now() + milliseconds
  let last: unknown
  while (performance.now() < end) {
    try {
      const found = await look()
      if (found) return found
      last = undefined
    } catch (error) {
      last = error
    }
  }
  throw new Error(`it was not seen within ${milliseconds} ms: ${what}`, { cause: last })
}

const strokesOf = (text: string): object[] =>
  [...text].flatMap((value) => [
    { type: 'keyDown', value },
    { type: 'keyUp', value },
  ])

/** Where a role and a name are wanted, it is the browser that says what they are. */
async function lookFor(send: Send, target: Target): Promise<string | undefined> {
  const wanted = typeof target === 'string' ? { css: target } : target
  const script = `return (${candidates})(arguments[0])`
  const found = await send<Record<string, string>[]>('POST', '/execute/sync', { script, args: [wanted] })
  for (const { [elementKey]: element = '' } of found) {
    if (!('role' in wanted)) return element
    if ((await send<string>('GET', `/element/${element}/computedrole`)) !== wanted.role) continue
    if (wanted.name === undefined || (await send<string>('GET', `/element/${element}/computedlabel`)) === wanted.name) return element
  }
  return undefined
}

/**
 * Runs in the page: what may be meant, in the order of the page. For a text the innermost elements that say it; for a
 * role all that could have it, without those of other kinds. Self-contained: its source is sent.
 */
const candidates = `(wanted) => {
  const natural = { button: 'button,summary,input', link: 'a', textbox: 'input,textarea', searchbox: 'input', heading: 'h1,h2,h3,h4,h5,h6',
    checkbox: 'input', radio: 'input', combobox: 'select,input', dialog: 'dialog', listitem: 'li', list: 'ul,ol', option: 'option', img: 'img,svg' }
  const selector = wanted.css ?? (wanted.role ? ['[role="' + wanted.role + '"]', ...(natural[wanted.role] ? [natural[wanted.role]] : [])].join() : '*')
  const says = (element) => (element.innerText ?? '').trim() === wanted.text
  const seen = (element) => element.checkVisibility()
  const all = (root) => [...root.querySelectorAll('*')].flatMap((element) => [element, ...(element.shadowRoot ? all(element.shadowRoot) : [])])
  const found = all(document).filter((element) => element.matches(selector) && seen(element) && (wanted.text === undefined || says(element)))
  return wanted.text === undefined ? found : found.filter((one) => !found.some((other) => other !== one && one.contains(other)))
}`

const visibleText = `(() => {
  const roots = (root) => [...root.querySelectorAll('*')].flatMap(({ shadowRoot }) => (shadowRoot ? [shadowRoot, ...roots(shadowRoot)] : []))
  const inner = roots(document).flatMap((root) => [...root.children].map((one) => (one.localName === 'style' ? '' : one.innerText ?? '')))
  return [document.body.innerText, ...inner].join('\\n')
})()`
