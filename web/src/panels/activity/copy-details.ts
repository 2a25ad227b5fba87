/** What a person copies to show it to others: everything that is known of an entry, and nothing that is for them alone. Pure. */
import { scrubbed } from '../../ui/scrub.ts'
import type { Entry } from './history.ts'

/** As JSON. */
export function detailsText(entry: Entry, version: string): string {
  const details = entry.kind === 'switch' ? { switch: entry.view.record, steps: entry.view.steps } : { job: entry.job }
  return JSON.stringify(scrubbed({ modelyard: version, ...details }), undefined, 2)
}
