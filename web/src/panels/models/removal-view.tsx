/** What goes with a model, with its bytes, and what stays and why. */
import type { JSX } from 'preact'
import { sizeText } from '../../text/numbers.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import type { RemovalPlan } from './removal-plan.ts'

export function RemovalView({ plan: { removed, kept, freedBytes } }: { readonly plan: RemovalPlan }): JSX.Element {
  const words = text.models.remove
  return (
    <div class="removal-view stack">
      {removed.length === 0 ? (
        <p>{words.nothing}</p>
      ) : (
        <section aria-label={words.goes}>
          <h3>{words.goes}</h3>
          <ul class="plain">
            {removed.map(({ path, name, bytes }, at) => (
              <li key={at}>
                <span class="name small">{shown(path ?? name ?? '', 400)}</span>
                <span class="number">{sizeText(bytes)}</span>
              </li>
            ))}
          </ul>
          <p>{freedBytes === 0 ? words.freesNothing : words.frees(sizeText(freedBytes))}</p>
        </section>
      )}
      {kept.length > 0 && (
        <section aria-label={words.stays}>
          <h3>{words.stays}</h3>
          <ul class="plain kept">
            {kept.map(({ path, why }, at) => (
              <li key={at}>
                <span class="name small">{shown(path, 400)}</span>
                <span class="name small muted">{shown(why)}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  )
}
