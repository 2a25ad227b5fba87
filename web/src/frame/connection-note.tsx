/** Says when what is shown is not known to be true any more, since when, and that it is tried again. Nothing while it is. */
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { clockText } from '../text/numbers.ts'
import { text } from '../text/text.ts'
import { announce } from '../ui/announcer.tsx'
import { Button } from '../ui/button.tsx'
import { useYard } from '../yard/context.ts'

export function ConnectionNote(): JSX.Element | null {
  const yard = useYard()
  const connection = yard.connection.value
  const wasLost = useRef(false)
  useEffect(() => {
    if (connection.state === 'lost') announce(text.frame.connection.lost(clockText(connection.since)))
    if (connection.state === 'open' && wasLost.current) announce(text.frame.connection.back, { instead: true })
    wasLost.current = connection.state === 'lost'
  }, [connection])
  if (connection.state !== 'lost') return null
  return (
    <div class="connection-note note warn">
      <p>{text.frame.connection.lost(clockText(connection.since))}</p>
      <div>
        <Button onPress={yard.retry}>{text.common.tryAgain}</Button>
      </div>
    </div>
  )
}
