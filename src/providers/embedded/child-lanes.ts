/** Who may use which of a context's sequences: first come, first served. */

export interface Place<Lane> {
  /** Undefined when the waiting was given up. */
  readonly turn: Promise<Lane | undefined>
  /** Waits no longer. Nothing when its turn has come: what runs gives the lane back itself. */
  giveUp(): void
  /** Gives the lane back, or the place in the queue. Idempotent. */
  leave(): void
}

export interface Lanes<Lane> {
  queue(): Place<Lane>
}

export function createLanes<Lane>(lanes: readonly Lane[]): Lanes<Lane> {
  const free = [...lanes]
  const waiting = new Set<(lane: Lane | undefined) => void>()

  const pass = (lane: Lane): void => {
    const [next] = waiting
    if (next) next(lane)
    else free.push(lane)
  }

  return {
    queue() {
      let mine: Lane | undefined
      let settle: (lane: Lane | undefined) => void = () => {}
      const turn = new Promise<Lane | undefined>((resolve) => {
        settle = (lane) => {
          waiting.delete(settle)
          mine = lane
          resolve(lane)
        }
      })
      const lane = free.pop()
      if (lane === undefined) waiting.add(settle)
      else settle(lane)
      const giveUp = (): void => {
        if (waiting.has(settle)) settle(undefined)
      }
      return {
        turn,
        giveUp,
        leave() {
          giveUp()
          const held = mine
          mine = undefined
          if (held !== undefined) pass(held)
        },
      }
    },
  }
}
