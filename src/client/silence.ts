/** A heartbeat comes every 15 s: a connection that is silent for longer than this is dead, whatever the socket says. */
export const silenceMs = 45_000

export interface SilenceWatch {
  /** Something came; from now on the silence counts. */
  heard(): void
  /** Nothing is awaited for a while, or ever again. */
  rest(): void
}

/**
 * Tells once when nothing has come for too long. It looks at the clock on the wall, because timers stand still while a
 * machine sleeps: after that the silence is found at the next look.
 */
export function watchSilence(limitMs: number, onSilence: () => void): SilenceWatch {
  let heardAt = Date.now()
  let looking: ReturnType<typeof setInterval> | undefined
  const rest = (): void => {
    clearInterval(looking)
    looking = undefined
  }
  const look = (): void => {
    // A clock that was set back would hide the silence for as long.
    heardAt = Math.min(heardAt, Date.now())
    if (Date.now() - heardAt < limitMs) return
    rest()
    onSilence()
  }
  return {
    heard() {
      heardAt = Date.now()
      looking ??= setInterval(look, Math.ceil(limitMs / 9))
    },
    rest,
  }
}
