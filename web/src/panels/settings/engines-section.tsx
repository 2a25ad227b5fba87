import type { JSX } from 'preact'
import { text } from '../../text/text.ts'
import { EngineList } from '../../ui/engine-list.tsx'
import { LookAgain } from '../../ui/look-again.tsx'

export function EnginesSection(): JSX.Element {
  return (
    <section class="stack" aria-labelledby="settings-engines">
      <div class="row">
        <h2 id="settings-engines">{text.settings.engines.title}</h2>
        <LookAgain />
      </div>
      <EngineList />
    </section>
  )
}
