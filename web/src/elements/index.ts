/** `modelyard/elements`: importing it defines the elements where there are elements, once. */
import { define } from './define.ts'
import { DownloadsElement } from './downloads-element.tsx'
import { SwitchElement } from './switch-element.tsx'

export type * from './types.ts'

/** In another registry than that of the window. */
export function defineElements(registry: Pick<CustomElementRegistry, 'get' | 'define'> | undefined = globalThis.customElements): void {
  if (registry) define(registry, { 'modelyard-switch': SwitchElement, 'modelyard-downloads': DownloadsElement })
}

defineElements()
