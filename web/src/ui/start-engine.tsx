/** Starts an engine that does not run; how long that takes is seen where its state is. */
import type { JSX } from 'preact'
import { text } from '../text/text.ts'
import { useYard } from '../yard/context.ts'
import { announce } from './announcer.tsx'
import { Button } from './button.tsx'
import { ErrorNote } from './note.tsx'
import { useCall } from './use-call.ts'

export function StartEngine({ id }: { readonly id: string }): JSX.Element {
  const { verbs } = useYard()
  const words = text.startEngine
  const start = useCall()
  const press = (): void =>
    void start.run(async () => {
      await verbs.providers.start(id)
      announce(words.done(id))
    })
  return (
    <>
      <Button icon="play" label={words.named(id)} onPress={press} unavailable={start.running.value ? words.running : undefined}>
        {words.button}
      </Button>
      {start.running.value && <span class="muted small">{words.running}</span>}
      {start.error.value !== undefined && <ErrorNote title={words.failed(id)} error={start.error.value} onClose={start.clear} />}
    </>
  )
}
