/** Which pages of other origins may ask, and how one more is allowed. */
import type { JSX } from 'preact'
import type { EffectiveConfig } from '../../sdk.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { Command } from '../../ui/command.tsx'
import { Asked, useAsked } from '../../ui/use-asked.tsx'
import { useYard } from '../../yard/context.ts'

export function BrowserApps(): JSX.Element {
  const { verbs } = useYard()
  const words = text.connect.browsers
  const config = useAsked('config', (signal) => verbs.config({ signal }))
  return (
    <section class="stack" aria-labelledby="connect-browsers">
      <h2 id="connect-browsers">{words.title}</h2>
      <p class="muted">{words.what}</p>
      <Asked asked={config}>
        {({ settings }) => (
          <p>
            {words.allowed}:{' '}
            <span class="name">{[words.always, ...extraOrigins(settings).map((one) => shown(one, 200))].join(words.and)}</span>
          </p>
        )}
      </Asked>
      <p>{words.how}</p>
      <Command lines={words.command} />
    </section>
  )
}

/** Besides those that are always allowed. */
const extraOrigins = (settings: EffectiveConfig['settings']): readonly string[] =>
  settings
    .filter(({ name, source }) => name === 'allowedOrigins' && source !== 'default')
    .flatMap(({ value }) => value)
    .map(String)
