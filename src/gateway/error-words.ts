import type { ModelyardError } from '../contract/index.ts'

/** What happened, which names are near, and what to do about it, in one text: no dialect has places of its own for these. */
export function errorWords({ message, hint, details }: ModelyardError): string {
  const near = Array.isArray(details?.near) ? details.near.filter((one) => typeof one === 'string') : []
  const parts = [ended(message), near.length === 0 ? '' : `Near to it: ${near.join(', ')}.`, message.includes(hint) ? '' : hint]
  return parts.filter((part) => part !== '').join(' ')
}

/** Engines end their sentences in their own ways. */
const ended = (words: string): string => (/[\p{L}\p{N})"'`]$/u.test(words) ? `${words}.` : words)
