/** The service was updated while the page was open: what the page shows may be wrong until it is loaded anew. */
import type { JSX } from 'preact'
import { version } from '../../../package.json'
import { shown } from '../text/shown.ts'
import { text } from '../text/text.ts'
import { Button } from '../ui/button.tsx'
import { useYard } from '../yard/context.ts'

export function OtherVersion(): JSX.Element | null {
  const service = useYard().status.value?.version
  if (service === undefined || service === version) return null
  return (
    <div class="connection-note note warn">
      <p>{text.frame.otherVersion(version, shown(service, 40))}</p>
      <div>
        <Button onPress={() => location.reload()}>{text.frame.reloadNow}</Button>
      </div>
    </div>
  )
}
