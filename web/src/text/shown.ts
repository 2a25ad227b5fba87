/** Text of others as it may be looked at: nothing in it that reorders, hides or colours its neighbours, and no more of it than fits. */

/** Escape sequences of terminals. */
const escapes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?)/g
/** Control characters but tab and line feed, marks and overrides of direction, what is invisible, halves of a pair. */
const hidden = /[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu

const kept = (one: string): string => (one === '\n' || one === '\t' ? one : '')

/** All of it. */
export const legible = (text: string): string => shown(text, Number.POSITIVE_INFINITY)

/** At most `max` characters; what is cut off shows as an ellipsis, which is one of them. */
export function shown(text: string, max = 500): string {
  // What can at most be seen, and some that may have to go; the rest of a megabyte is not even read.
  const read = text.slice(0, max * 4 + 1000)
  const clean = read.replace(escapes, '').replace(hidden, kept)
  if (clean.length <= max && read.length === text.length) return clean
  const cut = clean.slice(0, max - 1)
  return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}…`
}
