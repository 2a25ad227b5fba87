/**
 * A growing text as blocks of whole lines, so that a token changes the last one alone: the browser lays out some
 * kilobytes anew instead of the whole answer. Joined they are the text. Pure.
 */

const blockChars = 4000
/** A line without an end is broken here; nothing that people read is like that. */
const lineChars = 32_000

export function append(blocks: readonly string[], text: string): readonly string[] {
  const open = (blocks.at(-1) ?? '') + text
  return [...blocks.slice(0, -1), ...split(open)]
}

function split(text: string): string[] {
  const blocks: string[] = []
  let from = 0
  while (text.length - from > blockChars) {
    const end = text.indexOf('\n', from + blockChars - 1)
    if (end < 0 && text.length - from <= lineChars) break
    const to = end >= 0 && end - from < lineChars ? end + 1 : whole(text, from + lineChars)
    blocks.push(text.slice(from, to))
    from = to
  }
  if (from < text.length) blocks.push(text.slice(from))
  return blocks
}

/** Not between the halves of one character. */
const whole = (text: string, at: number): number => (/[\ud800-\udbff]/.test(text[at - 1] ?? '') ? at - 1 : at)
