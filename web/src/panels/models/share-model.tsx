/** Gives another engine the same bytes: what it would do first, then a job that is shown where jobs are. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { addressOf } from '../../route.ts'
import type { JobPlan, JobRequest, Model } from '../../sdk.ts'
import { sizeText } from '../../text/numbers.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { announce } from '../../ui/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { Choice } from '../../ui/choice.tsx'
import { importText } from '../../ui/import-text.ts'
import { ErrorNote } from '../../ui/note.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { Asked, useAsked } from '../../ui/use-asked.tsx'
import { useCall } from '../../ui/use-call.ts'
import { useYard } from '../../yard/context.ts'

export function ShareModel({ model: { ref, provider } }: { readonly model: Model }): JSX.Element {
  const words = text.models.share
  const { verbs, providers } = useYard()
  const into = useSignal('')
  const started = useSignal('')
  const call = useCall()
  const others = providers.value.filter(
    ({ id, state, capabilities }) => id !== provider && state === 'ready' && capabilities.import !== 'none',
  )
  const request: JobRequest = { ref, into: [into.value], switch: false }
  const plan = useAsked(into.value === '' ? undefined : into.value, (signal) => verbs.jobs.preflight(request, { signal }))
  const share = async (): Promise<void> => {
    const job = await verbs.jobs.start(request)
    started.value = job.id
    announce(words.started)
  }
  return (
    <section class="share-model card stack" aria-labelledby="share-model">
      <h2 id="share-model">{words.title}</h2>
      <p class="small muted">{others.length === 0 ? words.nobody : words.what}</p>
      {others.length > 0 && (
        <Choice
          label={words.into}
          isLabelled
          value={into.value}
          options={[{ value: '', label: words.choose }, ...others.map(({ id }) => ({ value: id, label: id }))]}
          onChange={(id) => {
            into.value = id
            started.value = ''
            call.clear()
          }}
        />
      )}
      {into.value !== '' && started.value === '' && (
        <Asked asked={plan} title={words.failedPlan} skeleton={<Skeleton rows={2} rowHeight={28} />}>
          {(one) => (
            <>
              <SharePlan plan={one} />
              <div>
                <Button look="primary" onPress={() => void call.run(share)} unavailable={call.running.value ? words.starting : undefined}>
                  {words.start}
                </Button>
              </div>
            </>
          )}
        </Asked>
      )}
      {started.value !== '' && (
        <p>
          {words.started} <a href={addressOf('get')}>{words.follow}</a>
        </p>
      )}
      {call.error.value !== undefined && <ErrorNote error={call.error.value} title={words.failed} onClose={call.clear} />}
    </section>
  )
}

function SharePlan({ plan: { imports, volumes, warnings } }: { readonly plan: JobPlan }): JSX.Element {
  const words = text.models.share
  return (
    <ul class="plan" aria-label={words.plan}>
      {imports.map((one) => (
        <li key={one.provider}>
          <strong class="name">{importText(one)}</strong>
          <div class="small muted name">{shown(one.reason)}</div>
        </li>
      ))}
      {volumes.map(({ path, neededBytes, freeBytes }) => (
        <li key={path} class="small name">
          {words.volume(shown(path, 200), sizeText(neededBytes), freeBytes === undefined ? text.common.unknown : sizeText(freeBytes))}
        </li>
      ))}
      {warnings.map((one) => (
        <li key={one} class="small name">
          {shown(one)}
        </li>
      ))}
    </ul>
  )
}
