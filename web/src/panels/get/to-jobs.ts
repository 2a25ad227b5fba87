/** To what was just begun, at the top of the panel. */
import { goTo } from '../../route.ts'

export function toJobs(): void {
  goTo('get')
  document.getElementById('content')?.scrollTo?.({ top: 0 })
}
