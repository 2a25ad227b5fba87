/** The words of the page in the language that was chosen; there is one so far. A translation is a file beside `en.ts` of the same type. */
import { type Catalogue, en } from './en.ts'

export type { Catalogue }
export const text: Catalogue = en
