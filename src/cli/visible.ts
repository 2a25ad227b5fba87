/**
 * Text of engines and files before it reaches a terminal: whatever would move the cursor, change colours or hide
 * something is shown as an escape instead of being obeyed.
 */
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu
const control = /(?![\n\t])\p{Cc}/gu

/** For names and messages: one line, every invisible character as `\x1b` or `\u202e`. */
export const visible = (text: string): string => text.replace(invisible, shown)

/** For what a model writes: lines and tabs stay, and so do the joiners inside emoji. */
export const visibleText = (text: string): string => text.replaceAll('\r\n', '\n').replace(control, shown)

function shown(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`
}
