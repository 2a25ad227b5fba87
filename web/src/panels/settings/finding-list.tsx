/** The findings, the worst first; what is as it should be is folded away. */
import type { Signal } from '@preact/signals'
import type { JSX } from 'preact'
import type { Finding } from '../../sdk.ts'
import { sizeText } from '../../text/numbers.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { Mark, type Tone } from '../../ui/mark.tsx'
import { sorted } from './findings.ts'

const tones: Readonly<Record<Finding['level'], Tone>> = { error: 'bad', warning: 'warn', info: 'muted', ok: 'good' }

export interface FindingListProps {
  readonly findings: readonly Finding[]
  readonly ticked: Signal<ReadonlySet<string>>
}

export function FindingList({ findings, ticked }: FindingListProps): JSX.Element {
  const { bad, good } = sorted(findings)
  const hasTick = bad.some(({ fixable }) => fixable)
  const tick = (id: string, on: boolean): void => {
    const ids = new Set(ticked.value)
    if (on) ids.add(id)
    else ids.delete(id)
    ticked.value = ids
  }
  return (
    <>
      <ul class={`finding-list ${hasTick ? '' : 'plain'}`}>
        {bad.map((one) => (
          <FindingRow key={one.id} finding={one} hasTick={hasTick} isTicked={ticked.value.has(one.id)} onTick={(on) => tick(one.id, on)} />
        ))}
      </ul>
      {good.length > 0 && (
        <details>
          <summary>
            <Mark tone="good" icon="good">
              {text.settings.doctor.good(good.length)}
            </Mark>
          </summary>
          <ul class="finding-list plain">
            {good.map((one) => (
              <FindingRow key={one.id} finding={one} hasTick={false} isTicked={false} onTick={() => {}} />
            ))}
          </ul>
        </details>
      )}
    </>
  )
}

interface FindingRowProps {
  readonly finding: Finding
  /** A neighbour has one, so there is room for it. */
  readonly hasTick: boolean
  readonly isTicked: boolean
  readonly onTick: (on: boolean) => void
}

function FindingRow({ finding, hasTick, isTicked, onTick }: FindingRowProps): JSX.Element {
  const words = text.settings.doctor
  const { level, text: said, hint, fixable, bytes } = finding
  return (
    <li class="finding">
      {fixable ? (
        <input
          type="checkbox"
          aria-label={words.choose(shown(said, 160))}
          checked={isTicked}
          onChange={({ currentTarget }) => onTick(currentTarget.checked)}
        />
      ) : (
        hasTick && <span />
      )}
      <Mark tone={tones[level]}>{words.level[level]}</Mark>
      <div class="name">
        {shown(said)}
        {fixable && bytes !== undefined && <strong class="number"> {words.frees(sizeText(bytes))}</strong>}
        {hint !== undefined && <p class="muted small">{shown(hint)}</p>}
      </div>
    </li>
  )
}
