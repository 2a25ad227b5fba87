/** When what was written is made to outlive a loss of power: now and then beside the writing, and whenever it is asked for. */
export interface MarkEvery {
  /** Between two markers: the sooner of both. */
  readonly markBytes: number
  readonly markMs: number
}

export interface Marks {
  /** Throws what the last mark beside the writing failed with, once: what was not marked is marked with the next. */
  check(): void
  wrote(bytes: number): void
  now(): Promise<void>
  /** None is under way. */
  ended(): Promise<void>
}

export function createMarks(mark: () => Promise<void>, { markBytes, markMs }: MarkEvery): Marks {
  let unmarked = 0
  let markedAt = performance.now()
  let marking: Promise<void> | undefined
  let failed: unknown

  const begin = (): Promise<void> => {
    unmarked = 0
    markedAt = performance.now()
    return mark()
  }
  const check = (): void => {
    if (failed === undefined) return
    const told = failed
    failed = undefined
    throw told
  }
  return {
    check,
    wrote(bytes) {
      unmarked += bytes
      if (marking || (unmarked < markBytes && performance.now() - markedAt < markMs)) return
      marking = begin()
        .catch((error: unknown) => {
          failed = error
        })
        .finally(() => {
          marking = undefined
        })
    },
    async now() {
      await marking
      check()
      await begin()
    },
    ended: async () => marking,
  }
}
