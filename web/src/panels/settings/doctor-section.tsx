/** What usually goes wrong, what of it can be mended here, and what that frees. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { Finding } from '../../sdk.ts'
import { sizeText } from '../../text/numbers.ts'
import { text } from '../../text/text.ts'
import { useAgainWhenSeen } from '../../ui/again-when-seen.ts'
import { Button } from '../../ui/button.tsx'
import { Note } from '../../ui/note.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { Asked, useAsked } from '../../ui/use-asked.tsx'
import { useYard } from '../../yard/context.ts'
import { FindingList } from './finding-list.tsx'
import type { Mended } from './findings.ts'
import { FixFindings } from './fix-findings.tsx'

const none: ReadonlySet<string> = new Set()

export function DoctorSection(): JSX.Element {
  const { verbs } = useYard()
  const words = text.settings.doctor
  const asked = useAsked('doctor', (signal) => verbs.doctor({ signal }))
  useAgainWhenSeen(asked)
  /** The ids of what is ticked. */
  const ticked = useSignal(none)
  const asking = useSignal(false)
  const result = useSignal<Mended | undefined>(undefined)
  const chosen = asked.value.value?.filter((one) => one.fixable && ticked.value.has(one.id)) ?? []
  const close = (): void => {
    asking.value = false
  }
  return (
    <section class="stack" aria-labelledby="settings-doctor">
      <div class="row">
        <h2 id="settings-doctor">{words.title}</h2>
        <Button onPress={asked.again} unavailable={asked.asking.value ? words.checking : undefined}>
          {asked.asking.value ? words.checking : words.again}
        </Button>
      </div>
      {result.value && <Result mended={result.value} />}
      <Asked asked={asked} title={words.failed} skeleton={<Skeleton rows={4} />}>
        {(findings) => (
          <>
            <FindingList findings={findings} ticked={ticked} />
            {findings.some(({ fixable }) => fixable) && (
              <FixButton
                chosen={chosen}
                onPress={() => {
                  asking.value = true
                }}
              />
            )}
          </>
        )}
      </Asked>
      {asking.value && (
        <FixFindings
          findings={chosen}
          onClose={close}
          onFixed={(mended) => {
            result.value = mended
            ticked.value = none
            asked.again()
          }}
        />
      )}
    </section>
  )
}

function FixButton({ chosen, onPress }: { readonly chosen: readonly Finding[]; readonly onPress: () => void }): JSX.Element {
  const words = text.settings.doctor
  return (
    <div>
      <Button look="primary" onPress={onPress} unavailable={chosen.length === 0 ? words.nothingChosen : undefined}>
        {chosen.length === 0 ? words.doIt : words.fix(chosen.length)}
      </Button>
    </div>
  )
}

function Result({ mended }: { readonly mended: Mended }): JSX.Element {
  return <Note tone={mended.fixed === mended.asked ? 'good' : 'warn'}>{mendedText(mended)}</Note>
}

export const mendedText = ({ fixed, asked, freedBytes }: Mended): string =>
  text.settings.doctor.done(fixed, asked, freedBytes > 0 ? sizeText(freedBytes) : undefined)
