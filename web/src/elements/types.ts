/** What a host app sees of the elements. Only types: the declarations of the package are made from this file. */
import type { Job, ModelyardError, SwitchRecord } from '../sdk.ts'

/** What both elements take. The token is a property and never an attribute: attributes can be read by anybody. */
export interface ModelyardElement extends HTMLElement {
  /** Of the service, such as `http://127.0.0.1:7411`. Also an attribute. */
  address: string
  /** A token of control scope. Without one the element waits for it. */
  token: string | undefined
  /** `light`, `dark`, or `auto`: as the page around it. Also an attribute. */
  theme: 'light' | 'dark' | 'auto'
}

/** The chosen slot, every chat model, and the switch while it runs. */
export interface ModelyardSwitchElement extends ModelyardElement {
  /** The slot that is switched; `default` where none is named. Also an attribute, `yard-slot`. */
  yardSlot: string
  addEventListener<K extends keyof ModelyardSwitchEventMap>(
    type: K,
    listener: (this: ModelyardSwitchElement, event: ModelyardSwitchEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void
  addEventListener<K extends keyof HTMLElementEventMap>(
    type: K,
    listener: (this: HTMLElement, event: HTMLElementEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void
}

/** The jobs, what they wait for, and a field to get one more model. */
export interface ModelyardDownloadsElement extends ModelyardElement {
  addEventListener<K extends keyof ModelyardDownloadsEventMap>(
    type: K,
    listener: (this: ModelyardDownloadsElement, event: ModelyardDownloadsEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void
  addEventListener<K extends keyof HTMLElementEventMap>(
    type: K,
    listener: (this: HTMLElement, event: HTMLElementEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void
}

/** All of them bubble and leave the shadow root. */
export interface ModelyardEventMap {
  /** The service refuses the token: it needs another one. */
  'modelyard-signed-out': CustomEvent<ModelyardError>
  /** The connection is lost (it is made again by itself), or the address is none. */
  'modelyard-error': CustomEvent<ModelyardError>
}

export interface ModelyardSwitchEventMap extends ModelyardEventMap {
  /** Another model serves the slot, or the one that was asked for served it already. */
  'modelyard-switched': CustomEvent<SwitchRecord>
  /** The new model did not answer; what served before serves again. */
  'modelyard-rolled-back': CustomEvent<SwitchRecord>
  /** It ended without either: `outcome` is `rejected`, `cancelled`, `superseded` or `degraded`. */
  'modelyard-not-switched': CustomEvent<SwitchRecord>
}

export interface ModelyardDownloadsEventMap extends ModelyardEventMap {
  /** `state` is `succeeded`, `failed` or `cancelled`. */
  'modelyard-job-finished': CustomEvent<Job>
}

declare global {
  interface HTMLElementTagNameMap {
    'modelyard-switch': ModelyardSwitchElement
    'modelyard-downloads': ModelyardDownloadsElement
  }
}
