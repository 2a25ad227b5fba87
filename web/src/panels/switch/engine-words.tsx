/** What an engine said, as it said it: its beginning, and the whole of a long text on request. */
import type { JSX } from 'preact'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'

const first = 300
const most = 20_000

export function EngineWords({ children }: { readonly children: string }): JSX.Element {
  if (children.length <= first) return <p class="name">{shown(children, first)}</p>
  return (
    <>
      <p class="name">{shown(children, first)}</p>
      <details class="engine-words">
        <summary>{text.common.details}</summary>
        <pre class="name">{shown(children, most)}</pre>
      </details>
    </>
  )
}
