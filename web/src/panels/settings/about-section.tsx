/** Which versions talk to each other, and the way out. */
import type { JSX } from 'preact'
import { version } from '../../../../package.json'
import { useSession } from '../../session-context.ts'
import { dateTimeText } from '../../text/numbers.ts'
import { text } from '../../text/text.ts'
import { Button } from '../../ui/button.tsx'
import { ErrorNote, Note } from '../../ui/note.tsx'
import { useCall } from '../../ui/use-call.ts'
import { useYard } from '../../yard/context.ts'

export function AboutSection(): JSX.Element | null {
  const { status } = useYard()
  const session = useSession()
  const out = useCall()
  const words = text.settings.about
  const { value } = status
  if (value === undefined) return null
  const name = session?.name()
  return (
    <section class="stack" aria-labelledby="settings-about">
      <h2 id="settings-about">{words.title}</h2>
      <dl class="facts">
        <div>
          <dt>{words.service}</dt>
          <dd>
            {value.version} <span class="muted small">{words.since(dateTimeText(value.startedAt))}</span>
          </dd>
        </div>
        <div>
          <dt>{words.page}</dt>
          <dd>{version}</dd>
        </div>
        {name !== undefined && (
          <div>
            <dt>{words.browser}</dt>
            <dd class="name">{words.token(name)}</dd>
          </div>
        )}
      </dl>
      {value.version !== version && <Note tone="warn">{text.frame.otherVersion(version, value.version)}</Note>}
      {session && (
        <div>
          <Button onPress={() => void out.run(session.signOut)} unavailable={out.running.value ? text.common.loading : undefined}>
            {text.session.signOut}
          </Button>
        </div>
      )}
      {out.error.value !== undefined && <ErrorNote title={text.session.signOutFailed} error={out.error.value} onClose={out.clear} />}
    </section>
  )
}
