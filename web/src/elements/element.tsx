/**
 * What both elements are: a shadow root with the parts of the page in it, over a connection that elements of the same
 * address and token share. Properties and attributes may change at any time, and in any order.
 */
import { effect, signal } from '@preact/signals'
import { type ComponentType, render } from 'preact'
import { ModelyardError, type YardEvent } from '../sdk.ts'
import type { Place } from '../ui/place.ts'
import { createYard } from '../yard/yard.ts'
import { serviceUrl } from './address.ts'
import { createSharedYards, type SharedYard } from './shared-yards.ts'
import { styleSheet } from './styles.ts'
import type { ModelyardElement } from './types.ts'
import { ElementView, type Shown } from './view.tsx'

const shared = createSharedYards(({ url, token }) => createYard({ url, token, onError: () => {} }))

/** Where there are no elements, on a server that draws pages, importing this is harmless. */
const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement

export const defaultSlot = 'default'
const themes = ['light', 'dark', 'auto'] as const

export abstract class YardElement extends Base implements ModelyardElement {
  static readonly observedAttributes: readonly string[] = ['address']

  #token: string | undefined
  #held: (SharedYard & { readonly door: string; readonly stop: () => void }) | undefined
  #isSettling = false
  readonly #shown = signal<Shown>({ state: 'waiting' })

  /** By name, of the slot that is switched. */
  readonly chosen = signal(defaultSlot)
  /** An element is all there is: nothing in it leads elsewhere. */
  readonly place: Place = { slot: this.chosen }

  /** What is drawn inside once the yard is known. */
  protected abstract readonly inside: ComponentType<{ readonly element: YardElement }>
  /** What the host is told of an event of the yard. */
  protected abstract tell(event: YardEvent): void

  get address(): string {
    return this.getAttribute('address') ?? ''
  }
  set address(address: string) {
    this.setAttribute('address', address)
  }
  get token(): string | undefined {
    return this.#token
  }
  set token(token: string | undefined) {
    this.#token = token
    this.#settleSoon()
  }
  get theme(): ModelyardElement['theme'] {
    return themes.find((one) => one === this.getAttribute('theme')) ?? 'auto'
  }
  set theme(theme: ModelyardElement['theme']) {
    this.setAttribute('theme', theme)
  }

  connectedCallback(): void {
    for (const name of this.properties()) this.#adopt(name)
    this.#settleSoon()
  }
  disconnectedCallback(): void {
    this.#settleSoon()
  }
  attributeChangedCallback(): void {
    this.#settleSoon()
  }

  protected properties(): readonly (keyof this)[] {
    return ['address', 'token', 'theme']
  }
  protected say(type: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }))
  }

  /** A property that was set before the element was defined hides the one of the class. */
  #adopt(name: keyof this): void {
    if (!Object.hasOwn(this, name)) return
    const value = this[name]
    delete this[name]
    this[name] = value
  }

  /** Once for all that changes in one moment; an element that is only moved has not changed. */
  #settleSoon(): void {
    if (this.#isSettling) return
    this.#isSettling = true
    queueMicrotask(() => {
      this.#isSettling = false
      this.#settle()
    })
  }

  #settle(): void {
    this.#connect()
    if (this.isConnected) this.#draw()
    else if (this.shadowRoot) render(null, this.shadowRoot)
  }

  #connect(): void {
    const door = this.isConnected ? this.#door() : undefined
    const key = door && 'url' in door ? JSON.stringify(door) : undefined
    if (key !== undefined && key === this.#held?.door) return
    this.#held?.stop()
    this.#held?.release()
    this.#held = undefined
    if (door === undefined) this.#shown.value = { state: 'waiting' }
    else if ('error' in door) this.#refuse(door.error)
    else this.#hold(shared.take(door), JSON.stringify(door))
  }

  #hold(taken: SharedYard, door: string): void {
    const { yard } = taken
    const stopEvents = yard.onEvent((event) => this.tell(event))
    this.#held = { ...taken, door, stop: () => void [stopEvents(), stopConnection()] }
    let was = ''
    const stopConnection = effect(() => {
      const { value } = yard.connection
      if (value.state === 'lost' && was !== 'lost') this.say('modelyard-error', value.error)
      if (value.state === 'refused') this.say('modelyard-signed-out', value.error)
      was = value.state
    })
    this.#shown.value = { state: 'in', yard }
  }

  #refuse(error: ModelyardError): void {
    this.#shown.value = { state: 'wrong', error }
    this.say('modelyard-error', error)
  }

  #door(): { readonly url: string; readonly token: string } | { readonly error: ModelyardError } | undefined {
    const { address } = this
    if (address === '' || this.#token === undefined || this.#token === '') return undefined
    try {
      return { url: serviceUrl(address), token: this.#token }
    } catch (error) {
      return { error: ModelyardError.from(error) }
    }
  }

  #draw(): void {
    const root = this.shadowRoot ?? this.attachShadow({ mode: 'open' })
    if (root.adoptedStyleSheets.length === 0) root.adoptedStyleSheets = [styleSheet()]
    const Part = this.inside
    render(
      <ElementView shown={this.#shown} place={this.place}>
        <Part element={this} />
      </ElementView>,
      root,
    )
  }
}
