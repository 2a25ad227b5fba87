/** What came of a job: the models that are there now, each verified or why not; or why it failed, and what to do. */
import type { JSX } from 'preact'
import type { Job, Model } from '../../sdk.ts'
import { ModelyardError } from '../../sdk.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { Button } from '../../ui/button.tsx'
import { Mark } from '../../ui/mark.tsx'
import { usePlace } from '../../ui/place.ts'
import type { Call } from '../../ui/use-call.ts'
import { useYard } from '../../yard/context.ts'
import { slotMeant } from '../../yard/slot-meant.ts'

export interface JobResultProps {
  readonly job: Job
  readonly call: Call
}

export function JobResult({ job, call }: JobResultProps): JSX.Element {
  const { result, error } = job
  return (
    <div class="job-result">
      {error && <Failure error={error} />}
      {result?.refs.map((one) => (
        <Outcome key={one.ref} outcome={one} call={call} />
      ))}
    </div>
  )
}

function Failure({ error: { code, message, hint } }: { readonly error: NonNullable<Job['error']> }): JSX.Element {
  // Its own checks make anything that came over the wire harmless to show.
  const told = ModelyardError.fromBody({ code, message, hint })
  return (
    <>
      <p class="name">{shown(told.message)}</p>
      {told.hint !== '' && <p class="small muted name">{shown(told.hint)}</p>}
    </>
  )
}

interface OutcomeProps {
  readonly outcome: NonNullable<Job['result']>['refs'][number]
  readonly call: Call
}

function Outcome({ outcome: { ref, verified, reason }, call }: OutcomeProps): JSX.Element {
  const own = text.get.jobs
  const { models, slots, verbs } = useYard()
  const place = usePlace()
  const model = models.all.value?.find((one) => one.ref === ref)
  const name = shown(ref, 200)
  const slot = slotMeant(slots.value, place.slot.value)?.slot
  const use = async (): Promise<void> => {
    if (slot === undefined) return
    await verbs.slot(slot).startSwitch(ref)
    place.links?.goTo('switch')
  }
  return (
    <div class="job-outcome">
      <span class="name">{name}</span>
      <Mark tone={verified ? 'good' : 'warn'} {...(verified && { icon: 'good' as const })}>
        {verified ? own.verified : own.notVerified}
      </Mark>
      {!verified && reason !== undefined && <span class="small muted name">{shown(reason)}</span>}
      {servesOf(model) && <span class="small muted">{own.serves(model?.slots.join(', ') ?? '')}</span>}
      {verified && model?.kind === 'chat' && !servesOf(model) && (
        <Button look="primary" label={own.of(name, own.use)} onPress={() => void call.run(use)}>
          {own.use}
        </Button>
      )}
      {place.links && (
        <a class="button" href={place.links.addressOf('models', ref)} aria-label={own.of(name, own.show)}>
          {own.show}
        </a>
      )}
    </div>
  )
}

const servesOf = (model: Model | undefined): boolean => model !== undefined && model.slots.length > 0
