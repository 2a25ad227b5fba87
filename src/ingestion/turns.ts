/** One after the other for the same key. */
export function createTurns(): (key: string, act: () => Promise<void>) => Promise<void> {
  const last = new Map<string, Promise<void>>()
  return (key, act) => {
    const mine = (last.get(key) ?? Promise.resolve()).catch(() => undefined).then(act)
    last.set(key, mine)
    const over = (): boolean => last.get(key) === mine && last.delete(key)
    mine.then(over, over)
    return mine
  }
}
