/** One style sheet for all elements: made once, adopted by each. */
import tokens from '../styles/tokens.css?inline'
import sheet from './elements.css?inline'
import { themed, tokensIn } from './themed.ts'

let made: CSSStyleSheet | undefined

export function styleSheet(): CSSStyleSheet {
  if (made) return made
  made = new CSSStyleSheet()
  made.replaceSync(themed(sheet, tokensIn(tokens)))
  return made
}
