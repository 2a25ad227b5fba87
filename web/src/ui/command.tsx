/** Lines to copy: a command, a setting. Shown as text, copied exactly. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { text } from '../text/text.ts'
import { announce } from './announcer.tsx'
import { Button } from './button.tsx'

export interface CommandProps {
  readonly lines: string
  /** What is copied where it is not what is shown. */
  readonly copied?: string
}

export function Command({ lines, copied = lines }: CommandProps): JSX.Element {
  return (
    <div class="command">
      <pre>
        <code>{lines}</code>
      </pre>
      <CopyButton value={copied} />
    </div>
  )
}

export function CopyButton({ value, label = text.common.copy }: { readonly value: string; readonly label?: string }): JSX.Element {
  const done = useSignal(false)
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(value)
    done.value = true
    announce(text.common.copied)
    setTimeout(() => {
      done.value = false
    }, 2000)
  }
  return (
    <Button look="quiet" icon={done.value ? 'good' : 'copy'} label={label} onPress={() => void copy()}>
      {done.value ? text.common.copied : text.common.copy}
    </Button>
  )
}
