/**
 * A child hears at once that an answer is not wanted any more, whatever it computes: its model runs in other threads. One
 * that does not hear it hangs (a template without end, say) and is given up.
 */
export interface Patience {
  begin(id: number): void
  end(id: number): void
  close(): void
}

const usualMs = 10_000

export function createPatience(ms: number = usualMs, giveUp: () => void): Patience {
  const timers = new Map<number, NodeJS.Timeout>()
  const end = (id: number): void => {
    clearTimeout(timers.get(id))
    timers.delete(id)
  }
  return {
    begin(id) {
      end(id)
      timers.set(id, setTimeout(giveUp, ms))
    },
    end,
    close() {
      for (const id of [...timers.keys()]) end(id)
    },
  }
}
