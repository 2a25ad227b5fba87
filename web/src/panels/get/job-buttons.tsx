/** What can be done with a job as it is now. Cancelling asks what becomes of the bytes, where there are any. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { type Job, jobHasEnded } from '../../sdk.ts'
import { sizeText } from '../../text/numbers.ts'
import { text } from '../../text/text.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import type { Call } from '../../ui/use-call.ts'
import { useYard } from '../../yard/context.ts'
import { hideJobs } from './hidden-jobs.ts'
import { mayHaveBytes, requestAgain } from './job-words.ts'

export interface JobButtonsProps {
  readonly job: Job
  readonly name: string
  readonly call: Call
}

export function JobButtons(props: JobButtonsProps): JSX.Element {
  return <div class="job-buttons">{jobHasEnded(props.job) ? <AfterEnd {...props} /> : <WhileRunning {...props} />}</div>
}

function WhileRunning({ job, name, call }: JobButtonsProps): JSX.Element {
  const own = text.get.jobs
  const { id, state, bytesDone } = job
  const { jobs } = useYard().verbs
  const asks = useSignal(false)
  const cancel = (partial: 'keep' | 'remove'): void => {
    asks.value = false
    void call.run(() => jobs.cancel(id, { partial }))
  }
  return (
    <>
      {state === 'paused' ? (
        <Button icon="play" label={own.of(name, own.resume)} onPress={() => void call.run(() => jobs.resume(id))}>
          {own.resume}
        </Button>
      ) : (
        <Button icon="pause" label={own.of(name, own.pause)} onPress={() => void call.run(() => jobs.pause(id))}>
          {own.pause}
        </Button>
      )}
      <Button
        label={own.of(name, text.common.cancel)}
        onPress={() => {
          if (mayHaveBytes(job)) asks.value = true
          else cancel('keep')
        }}
      >
        {text.common.cancel}
      </Button>
      {asks.value && (
        <CancelDialog
          name={name}
          bytes={bytesDone}
          onCancel={cancel}
          onClose={() => {
            asks.value = false
          }}
        />
      )}
    </>
  )
}

interface CancelDialogProps {
  readonly name: string
  readonly bytes: number
  readonly onCancel: (partial: 'keep' | 'remove') => void
  readonly onClose: () => void
}

function CancelDialog({ name, bytes, onCancel, onClose }: CancelDialogProps): JSX.Element {
  const own = text.get.jobs
  return (
    <Dialog
      title={own.cancelTitle(name)}
      onClose={onClose}
      ends={
        <>
          <Button autofocus onPress={onClose}>
            {own.goOn}
          </Button>
          <Button look="danger" onPress={() => onCancel('remove')}>
            {own.remove}
          </Button>
          <Button onPress={() => onCancel('keep')}>{own.keep}</Button>
        </>
      }
    >
      <p>{bytes === 0 ? own.cancelSome : own.cancelWhat(sizeText(bytes))}</p>
    </Dialog>
  )
}

function AfterEnd({ job, name, call }: JobButtonsProps): JSX.Element {
  const own = text.get.jobs
  const { jobs } = useYard().verbs
  // The new one has a row of its own.
  const again = async (): Promise<void> => {
    await jobs.start(requestAgain(job))
    hideJobs([job.id])
  }
  return (
    <>
      {job.state !== 'succeeded' && job.kind !== 'install' && (
        <Button label={own.of(name, text.common.tryAgain)} onPress={() => void call.run(again)}>
          {text.common.tryAgain}
        </Button>
      )}
      <Button look="quiet" icon="bad" label={own.of(name, own.hide)} onPress={() => hideJobs([job.id])} />
    </>
  )
}
