/** The page of the fields of every translated route, made from what the dialects obey; checked in, and a test compares it. */
import type { FieldFate } from './dialect.ts'
import { dialectFields, harmlessFields } from './dialect-fields.ts'

/** The checked-in file and its text. */
export const fieldsPage = (): Record<string, string> => ({ 'docs/gateway-fields.md': text() })

const fates = ['carried', 'refused', 'ignored'] as const satisfies readonly FieldFate[]

const opening = [
  '# Fields of the gateway',
  '',
  'What becomes of each field of a request that is [translated](gateway.md#handed-on-or-translated). An engine that speaks the dialect of the',
  'client reads the body as it was written, and of this page only the last point applies.',
  '',
  '- **carried**: its meaning reaches the engine, or the request ends with a 400 that says why this engine cannot be told;',
  '- **refused**: no engine behind the gateway could be told, so it is a 400 that names the field, unless its value asks for nothing',
  '  (`null`, `false`, `0`, an empty text, list or object) or for what is done anyway;',
  '- **ignored**: it changes nothing in the answer. So is every field that is not named here.',
  '- Handed on or translated, `api_base`, `base_url` and `headers` are a 400 whatever their value, and so is an outermost field that comes twice.',
  '',
]

function text(): string {
  return [...opening, ...Object.entries(dialectFields).flatMap(([path, fields]) => section(path, fields))].join('\n')
}

function section(path: string, fields: Readonly<Record<string, FieldFate>>): string[] {
  const rows = fates.map((fate) => `| ${fate} | ${fieldsOf(path, fields, fate).join(', ') || 'none'} |`)
  return [`## \`${path}\``, '', '| what becomes of it | fields |', '| --- | --- |', ...rows, '']
}

const fieldsOf = (path: string, fields: Readonly<Record<string, FieldFate>>, fate: FieldFate): string[] =>
  Object.keys(fields)
    .filter((name) => fields[name] === fate)
    .map((name) => `\`${name}\`${butFor(harmlessFields[path]?.[name])}`)

const butFor = (harmless: readonly unknown[] | undefined): string =>
  harmless === undefined ? '' : ` (but for ${harmless.map((value) => `\`${JSON.stringify(value)}\``).join(', ')})`
