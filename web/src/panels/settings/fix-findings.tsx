/** The question before something is mended: what, and what it frees. */
import type { JSX } from 'preact'
import type { Finding } from '../../sdk.ts'
import { sizeText } from '../../text/numbers.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { announce } from '../../ui/announcer.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import { useYard } from '../../yard/context.ts'
import { bytesOf, type Mended, mended } from './findings.ts'

export interface FixFindingsProps {
  readonly findings: readonly Finding[]
  readonly onClose: () => void
  readonly onFixed: (mended: Mended) => void
}

export function FixFindings({ findings, onClose, onFixed }: FixFindingsProps): JSX.Element {
  const { verbs } = useYard()
  const words = text.settings.doctor
  const bytes = bytesOf(findings)
  const fix = async (): Promise<void> => {
    const after = await verbs.fix(findings.map(({ id }) => id))
    const done = mended(findings, after)
    announce(words.done(done.fixed, done.asked, done.freedBytes > 0 ? sizeText(done.freedBytes) : undefined))
    onFixed(done)
  }
  return (
    <Confirm
      title={words.ask(findings.length)}
      button={words.doIt}
      working={words.fixing}
      failed={words.fixFailed}
      work={fix}
      onClose={onClose}
    >
      <ul>
        {findings.map((one) => (
          <li key={one.id} class="name">
            {shown(one.text)} {one.hint !== undefined && <span class="muted">{shown(one.hint)}</span>}
          </li>
        ))}
      </ul>
      {bytes > 0 && <p>{words.total(sizeText(bytes))}</p>}
    </Confirm>
  )
}
