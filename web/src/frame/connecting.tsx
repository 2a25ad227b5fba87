/** The first answer is still to come. It is said once that is slow. */
import type { JSX } from 'preact'
import { text } from '../text/text.ts'
import { TabTitle } from './tab-title.tsx'

export function Connecting({ url }: { readonly url: string }): JSX.Element {
  return (
    <main class="door">
      <TabTitle parts={[]} />
      <p class="late muted name">{text.frame.connection.first(url)}</p>
    </main>
  )
}
