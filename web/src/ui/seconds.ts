/** The time in steps of a second, for what counts while it runs. It stands still where nothing does. */
import { useEffect, useState } from 'preact/hooks'

export function useSeconds(runs: boolean): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    if (!runs) return
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [runs])
  return now
}
