/** Looks for engines and their models now, not at the next turn. */
import type { JSX } from 'preact'
import { text } from '../text/text.ts'
import { useYard } from '../yard/context.ts'
import { announce } from './announcer.tsx'
import { Button } from './button.tsx'
import { ErrorNote } from './note.tsx'
import { useCall } from './use-call.ts'

export function LookAgain({ look }: { readonly look?: 'primary' }): JSX.Element {
  const { verbs } = useYard()
  const words = text.settings.engines
  const call = useCall()
  const press = (): void =>
    void call.run(async () => {
      const found = await verbs.detect()
      announce(words.looked(found.filter(({ state }) => state === 'ready').length))
    })
  return (
    <>
      <Button {...(look && { look })} onPress={press} unavailable={call.running.value ? words.looking : undefined}>
        {call.running.value ? words.looking : words.lookAgain}
      </Button>
      {call.error.value !== undefined && <ErrorNote title={words.lookFailed} error={call.error.value} onClose={call.clear} />}
    </>
  )
}
