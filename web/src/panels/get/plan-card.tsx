/** What getting it will do, exactly, before a byte moves: asked anew with every choice, and begun from here. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useId, useRef } from 'preact/hooks'
import { type JobPlan, type Source, sourceText } from '../../sdk.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { announce } from '../../ui/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { ErrorNote } from '../../ui/note.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { useAsked } from '../../ui/use-asked.tsx'
import { useCall } from '../../ui/use-call.ts'
import { useYard } from '../../yard/context.ts'
import { PlanChoices } from './plan-choices.tsx'
import { PlanFacts } from './plan-facts.tsx'
import { getLabel, limitOf, requestOf, type Wishes } from './plan-words.ts'
import { Refusal } from './refusal.tsx'

export interface PlanCardProps {
  readonly source: Source
  readonly onStarted: () => void
}

export function PlanCard({ source, onStarted }: PlanCardProps): JSX.Element {
  const own = text.get.plan
  const heading = useId()
  const { verbs } = useYard()
  const wishes = useSignal<Wishes>({})
  const limit = useSignal('')
  const request = requestOf(source, wishes.value)
  const key = JSON.stringify(request)
  const asked = useAsked(key, (signal) => verbs.jobs.preflight(request, { signal }))
  const plan = asked.value.value
  const error = asked.error.value
  // While another choice is being looked up the plan of the last one stays, and cannot be begun.
  const earlier = useEarlier(sourceText(source), plan)
  const told = error === undefined ? (plan ?? earlier) : undefined
  const start = useCall()
  const begin = (): Promise<void> =>
    start.run(async () => {
      await startJob(verbs, source, wishes.value, limitOf(limit.value))
      onStarted()
    })
  return (
    <section class="plan-card card" aria-labelledby={heading} aria-busy={asked.asking.value}>
      <h3 id={heading}>{own.title}</h3>
      {error !== undefined && <Refusal error={error} onAgain={asked.again} />}
      {told === undefined && error === undefined && asked.slow.value && (
        <>
          <p class="small muted">{own.asking}</p>
          <Skeleton rows={5} rowHeight={30} />
        </>
      )}
      {told && <PlanFacts plan={told} isOld={plan === undefined} />}
      {(told ?? error) !== undefined && <PlanChoices source={source} plan={told} wishes={wishes} limit={limit} />}
      {start.error.value !== undefined && <ErrorNote error={start.error.value} title={own.failed} onClose={start.clear} />}
      {told && <GetButton plan={told} unavailable={whyNot(plan, limit.value, start.running.value)} onPress={() => void begin()} />}
    </section>
  )
}

/** The newest plan for the same thing, whatever was chosen beside it. */
function useEarlier(name: string, plan: JobPlan | undefined): JobPlan | undefined {
  const kept = useRef<{ name: string; plan: JobPlan | undefined }>({ name, plan })
  if (plan || kept.current.name !== name) kept.current = { name, plan }
  return kept.current.plan
}

function whyNot(plan: JobPlan | undefined, limit: string, isRunning: boolean): string | undefined {
  const own = text.get.plan
  if (isRunning) return own.starting
  if (plan === undefined) return own.stillAsking
  return Number.isNaN(limitOf(limit)) ? own.limitWrong : undefined
}

async function startJob(
  verbs: ReturnType<typeof useYard>['verbs'],
  source: Source,
  wishes: Wishes,
  bytesPerSecond: number | undefined,
): Promise<void> {
  const { fresh } = await verbs.jobs.start(requestOf(source, wishes, bytesPerSecond))
  const name = shown(sourceText(source), 200)
  announce(fresh ? text.get.plan.started(name) : text.get.plan.already(name))
}

interface GetButtonProps {
  readonly plan: JobPlan
  readonly unavailable: string | undefined
  readonly onPress: () => void
}

function GetButton({ plan, unavailable, onPress }: GetButtonProps): JSX.Element {
  return (
    <div class="get-button">
      <Button look="primary" icon="get" unavailable={unavailable} onPress={onPress}>
        <span class="name clip">{getLabel(plan)}</span>
      </Button>
    </div>
  )
}
