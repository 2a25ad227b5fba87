/** Lines to copy: a command, a setting. Shown as text, copied exactly. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
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

const shownMs = 2000

export function CopyButton({ value, label = text.common.copy }: { readonly value: string; readonly label?: string }): JSX.Element {
  /** What became of the last press, for a moment. */
  const outcome = useSignal<'copied' | 'notCopied' | undefined>(undefined)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  const copy = async (): Promise<void> => {
    outcome.value = (await isWritten(value)) ? 'copied' : 'notCopied'
    announce(text.common[outcome.value])
    clearTimeout(timer.current)
    timer.current = setTimeout(() => {
      outcome.value = undefined
    }, shownMs)
  }
  const { value: now } = outcome
  const icon = now === undefined ? 'copy' : now === 'copied' ? 'good' : 'warn'
  return (
    <Button look="quiet" icon={icon} label={now === undefined ? label : text.common[now]} onPress={() => void copy()}>
      {text.common[now ?? 'copy']}
    </Button>
  )
}

/** A browser may refuse, and has no clipboard at all for a page that came from another machine without encryption. */
async function isWritten(value: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(value)
    return true
  } catch {
    return false
  }
}
