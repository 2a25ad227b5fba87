import type { ModelyardError } from '../contract/index.ts'

/** What happened and what to do about it, in one text: no dialect has a place of its own for the second. */
export const errorWords = ({ message, hint }: ModelyardError): string =>
  hint === '' || message.includes(hint) ? message : `${message} ${hint}`
