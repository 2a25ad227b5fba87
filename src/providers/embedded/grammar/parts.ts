/**
 * The pieces that every grammar of JSON is made of, in GBNF. Blanks are few and bounded, so that a model cannot write
 * nothing but blanks. Source of the notation: grammars/README.md of llama.cpp.
 */

/** Rules by their names; a value names others by theirs. */
export const sharedRules: Readonly<Record<string, string>> = {
  ws: '| " " | "\\n" [ \\t]{0,20}',
  plain: '[ !#-\\[\\]-~\\u0080-\\uD7FF\\uE000-\\uFFFF\\U00010000-\\U0010FFFF] | "\\\\" ["\\\\bfnrt]',
  char: 'plain | "\\\\u" [0-9a-fA-F]{4}',
  string: '"\\"" char* "\\""',
  integer: '"-"? ("0" | [1-9] [0-9]{0,14})',
  number: 'integer ("." [0-9]{1,15})? ([eE] [-+]? [0-9]{1,2})?',
  pair: 'string ":" ws value',
  object: '"{" ws (pair ("," ws pair)* ws)? "}"',
  array: '"[" ws (value ("," ws value)* ws)? "]"',
  value: 'object | array | string | number | "true" | "false" | "null"',
  date: '[0-9]{4} "-" ("0" [1-9] | "1" [0-2]) "-" ("0" [1-9] | "1" [0-9] | "2" [0-8])',
  time: '([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9] ":" [0-5] [0-9] ("." [0-9]{3})? ("Z" | [-+] ("0" [0-9] | "1" [0-3]) ":" [0-5] [0-9])',
  hex: '[0-9a-fA-F]',
}

/** Forms of a string that are written as their names say; others are notes to a reader. */
export const stringFormats: Readonly<Record<string, string>> = {
  date: '"\\"" date "\\""',
  time: '"\\"" time "\\""',
  'date-time': '"\\"" date "T" time "\\""',
  uuid: '"\\"" hex{8} "-" hex{4} "-" hex{4} "-" hex{4} "-" hex{12} "\\""',
}

/** This text, exactly. */
export const literal = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`

/** This value as JSON, exactly. */
export const jsonLiteral = (value: unknown): string => literal(JSON.stringify(value))

/** The grammar whose first rule is this, with the shared rules that it needs. */
export function grammarText(root: string, own: ReadonlyMap<string, string> = new Map()): string {
  const needed = new Map<string, string>()
  const need = (body: string): void => {
    for (const [name] of body.replaceAll(/"(?:[^"\\]|\\.)*"|\[(?:[^\]\\]|\\.)*\]/g, '').matchAll(/[a-z][a-z0-9-]*/g)) {
      const shared = own.has(name) ? undefined : sharedRules[name]
      if (shared === undefined || needed.has(name)) continue
      needed.set(name, shared)
      need(shared)
    }
  }
  for (const body of [root, ...own.values()]) need(body)
  return [['root', root] as const, ...own, ...needed].map(([name, body]) => `${name} ::= ${body}`).join('\n')
}

/** Any object: what JSON is asked for without a schema. */
export const anyObject = (): string => grammarText('object')
