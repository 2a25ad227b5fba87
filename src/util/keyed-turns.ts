/** One after the other for the same key, whatever became of those before; different keys do not wait for each other. */
import { createTurns, type InTurn } from './turns.ts'

export type InTurnOf = <T>(key: string, work: () => Promise<T>) => Promise<T>

export function createKeyedTurns(): InTurnOf {
  const turns = new Map<string, { readonly inTurn: InTurn; waiting: number }>()
  return async (key, work) => {
    const own = turns.get(key) ?? { inTurn: createTurns(), waiting: 0 }
    turns.set(key, own)
    own.waiting += 1
    try {
      return await own.inTurn(work)
    } finally {
      own.waiting -= 1
      if (own.waiting === 0) turns.delete(key)
    }
  }
}
