/** Asks again when the window is looked at again: what another window or a command changed meanwhile, and no event tells. */
import { useEffect } from 'preact/hooks'
import type { Question } from './question.ts'

export function useAgainWhenSeen(question: Pick<Question<unknown>, 'again'>): void {
  useEffect(() => {
    const seen = (): void => {
      if (document.visibilityState === 'visible') question.again()
    }
    window.addEventListener('focus', seen)
    document.addEventListener('visibilitychange', seen)
    return () => {
      window.removeEventListener('focus', seen)
      document.removeEventListener('visibilitychange', seen)
    }
  }, [question])
}
