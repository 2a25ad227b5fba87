/** A question before something that cannot be taken back. It stays until it is done, or says why it is not. */
import type { ComponentChildren, JSX } from 'preact'
import { text } from '../text/text.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { ErrorNote } from './note.tsx'
import { useCall } from './use-call.ts'

export interface ConfirmProps {
  readonly title: string
  /** What the button says that does it, and what while it is done. */
  readonly button: string
  readonly working: string
  /** That it could not be done, in our words. */
  readonly failed: string
  readonly work: () => Promise<unknown>
  readonly onClose: () => void
  readonly children: ComponentChildren
}

export function Confirm({ title, button, working, failed, work, onClose, children }: ConfirmProps): JSX.Element {
  const call = useCall()
  const isRunning = call.running.value
  const close = (): void => {
    if (!call.running.peek()) onClose()
  }
  const press = (): void =>
    void call.run(work).then(() => {
      if (call.error.peek() === undefined) onClose()
    })
  return (
    <Dialog
      title={title}
      onClose={close}
      ends={
        <>
          <Button onPress={close} unavailable={isRunning ? working : undefined} autofocus>
            {text.common.cancel}
          </Button>
          <Button look="danger" onPress={press} unavailable={isRunning ? working : undefined}>
            {isRunning ? working : button}
          </Button>
        </>
      }
    >
      {children}
      {call.error.value !== undefined && <ErrorNote title={failed} error={call.error.value} />}
    </Dialog>
  )
}
