/** Where things are kept, and how much room there is. */
import type { JSX } from 'preact'
import type { Hardware } from '../../sdk.ts'
import { sizeText } from '../../text/numbers.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { useAgainWhenSeen } from '../../ui/again-when-seen.ts'
import { ErrorNote } from '../../ui/note.tsx'
import { useAsked } from '../../ui/use-asked.tsx'
import { useYard } from '../../yard/context.ts'

export function DiskSection(): JSX.Element | null {
  const { status, verbs } = useYard()
  const hardware = useAsked('hardware', (signal) => verbs.hardware({ signal }))
  useAgainWhenSeen(hardware)
  const words = text.settings.disk
  const { value } = status
  if (value === undefined) return null
  const { home, library, envFile } = value
  return (
    <section class="stack" aria-labelledby="settings-disk">
      <h2 id="settings-disk">{words.title}</h2>
      <dl class="facts">
        <Folder what={words.library} path={library} hardware={hardware.value.value} />
        <Folder what={words.home} path={home} hardware={hardware.value.value} />
        <div>
          <dt>{words.env}</dt>
          <dd>
            <code class="name">{shown(envFile.path)}</code>
            <span class="muted small">{envFile.read ? words.envRead : envFile.error === undefined && words.envAbsent}</span>
            {envFile.error && <span class="fault small name">{shown(envFile.error.message)}</span>}
          </dd>
        </div>
      </dl>
      {hardware.error.value !== undefined && <ErrorNote title={words.freeUnknown} error={hardware.error.value} onRetry={hardware.again} />}
    </section>
  )
}

interface FolderProps {
  readonly what: string
  readonly path: string
  readonly hardware: Hardware | undefined
}

function Folder({ what, path, hardware }: FolderProps): JSX.Element {
  const free = hardware?.volumes.find((one) => one.path === path)?.free
  return (
    <div>
      <dt>{what}</dt>
      <dd>
        <code class="name">{shown(path)}</code>
        {free !== undefined && <span class="muted small">{text.settings.disk.free(sizeText(free))}</span>}
      </dd>
    </div>
  )
}
