/** What the tab is called: how far downloads are, which panel it shows, and whose it is. */
import { signal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { route } from '../route.ts'
import { text } from '../text/text.ts'

/** Such as `43% · 2.1 GB of 5.2 GB`; undefined while nothing is fetched. */
export const progressInTab = signal<string | undefined>(undefined)

export function PanelTitle(): JSX.Element {
  return <TabTitle parts={[progressInTab.value, text.panels[route.value.panel]]} />
}

/** The last one drawn counts. */
export function TabTitle({ parts }: { readonly parts: readonly (string | undefined)[] }): null {
  const title = [...parts.filter((one) => one !== undefined), text.name].join(' – ')
  useEffect(() => {
    document.title = title
  }, [title])
  return null
}
