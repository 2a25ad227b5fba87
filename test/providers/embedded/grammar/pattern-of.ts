/** A grammar as a regular expression, so that a test can ask which texts it takes. What nests without end is cut off. */
const deepest = 12

export function patternOf(grammar: string): RegExp {
  const rules = new Map(grammar.split('\n').map((line) => line.split(/ ::= (.*)/s) as [string, string]))
  const inline = (body: string, depth: number): string =>
    body.replaceAll(
      /("(?:[^"\\]|\\.)*")|(\[(?:[^\]\\]|\\.)*\])|([a-z][a-z0-9-]*)|\s+/g,
      (whole, literal?: string, set?: string, name?: string) => {
        if (literal !== undefined) return `(?:${escaped(JSON.parse(literal) as string)})`
        if (set !== undefined) return set.replaceAll(/\\U([0-9A-F]{8})/g, (_, code: string) => `\\u{${code.replace(/^0+/, '')}}`)
        if (name === undefined) return whole.trim()
        if (depth > deepest) return '(?:(?!))'
        return `(?:${inline(rules.get(name) ?? fail(name), depth + 1)})`
      },
    )
  return new RegExp(`^(?:${inline(rules.get('root') ?? fail('root'), 0)})$`, 'u')
}

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

const fail = (name: string): never => {
  throw new RangeError(`the grammar has no rule ${name}`)
}
