/**
 * The styles of the page, made fit for a shadow root. A token that the host sets, on the element or anywhere above it,
 * counts; one that it does not set has its value of the page. What is narrow is the element, not the window.
 */

/** The tokens and their values, as the style sheet declares them. */
export function tokensIn(sheet: string): ReadonlyMap<string, string> {
  const found = sheet.matchAll(/(--my-[a-z-]+):\s*([^;}]+)/g)
  return new Map([...found].map(([, name = '', value = '']) => [name, value.trim()]))
}

export function themed(sheet: string, tokens: ReadonlyMap<string, string>): string {
  return sheet
    .replace(/var\((--my-[a-z-]+)\)/g, (whole, name: string) => {
      const value = tokens.get(name)
      return value === undefined ? whole : `var(${name},${value})`
    })
    .replace(/@media\s*\(width\s*(<=?|>=?)\s*(\d+px)\)/g, '@container modelyard (width $1 $2)')
}
