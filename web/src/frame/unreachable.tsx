/** The first connection could not be made: there is nothing to show yet, stale or not. */
import type { JSX } from 'preact'
import { text } from '../text/text.ts'
import { Button } from '../ui/button.tsx'
import { Command } from '../ui/command.tsx'
import { TabTitle } from './tab-title.tsx'

export function Unreachable({ url, onRetry }: { readonly url: string; readonly onRetry: () => void }): JSX.Element {
  const words = text.unreachable
  return (
    <main class="door">
      <TabTitle parts={[words.title]} />
      <div class="card stack">
        <h1>{words.title}</h1>
        <p>{words.what(url)}</p>
        <p>{words.start}</p>
        <Command lines={words.command} />
        <div>
          <Button onPress={onRetry}>{text.common.tryAgain}</Button>
        </div>
      </div>
    </main>
  )
}
