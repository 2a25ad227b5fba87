/**
 * What no event tells and a part has to ask for: asked when it is shown, anew when the key is another, once more when a
 * lost connection is back; nobody waits for it any more when it is gone.
 */
import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { useYard } from '../yard/context.ts'
import { ErrorNote } from './note.tsx'
import { createQuestion, type Question } from './question.ts'

/** The answer to another key is never shown for this one. Without a key nothing is asked. */
export function useAsked<T>(key: string | undefined, ask: (signal: AbortSignal) => Promise<T>): Question<T> {
  const latest = useRef(ask)
  latest.current = ask
  const question = useMemo(() => createQuestion<T>((signal) => latest.current(signal)), [key])
  useEffect(() => {
    if (key !== undefined) question.again()
    return question.close
  }, [question])
  const { state } = useYard().connection.value
  const wasLost = useRef(false)
  useEffect(() => {
    if (state === 'open' && wasLost.current && key !== undefined) question.again()
    wasLost.current = state === 'lost'
  }, [state])
  return question
}

export interface AskedProps<T> {
  readonly asked: Question<T>
  /** The shape of what comes, while it is slow to come. */
  readonly skeleton?: ComponentChildren
  /** What could not be read, in our words. */
  readonly title?: ComponentChildren
  readonly children: (value: T) => ComponentChildren
}

/** The answer; before it a skeleton or why there is none. An answer that could not be asked again stays, with the reason above it. */
export function Asked<T>({ asked, skeleton, title, children }: AskedProps<T>): JSX.Element {
  const { value } = asked.value
  const error = asked.error.value
  return (
    <>
      {error !== undefined && <ErrorNote error={error} title={title} onRetry={asked.again} />}
      {value === undefined ? asked.slow.value && skeleton : children(value)}
    </>
  )
}
