/** What stands in the box: it is still there when a person comes back from a repository, or from another panel. */
import { signal } from '@preact/signals'

export const boxText = signal('')
/** Also kept while looking around: only what fits. */
export const onlyFitting = signal(false)
