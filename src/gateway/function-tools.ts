/** Tools as OpenAI words them, which Ollama does too. */
import type { Tool } from '../contract/index.ts'
import type { Fields } from './dialect.ts'
import { flagField, needed, objectField, objectsField, shortText, textField, unsupportedField, within } from './fields.ts'
import { known } from './known.ts'
import { limits } from './ranges.ts'

/** The tools of a body; an empty list is none. */
export function functionTools(body: Fields): Tool[] | undefined {
  const entries = objectsField(body, 'tools', limits.tools)
  return entries === undefined || entries.length === 0 ? undefined : entries.map((entry, index) => toolOf(entry, within('tools', index)))
}

function toolOf(entry: Fields, path: string): Tool {
  const described = functionOf(entry, path)
  const inside = within(path, 'function')
  return {
    name: nameOf(described, inside),
    ...known({
      description: textField(described, 'description', inside),
      parameters: objectField(described, 'parameters', inside),
      strict: flagField(described, 'strict', inside),
    }),
  }
}

/** What stands in `function` of a tool or a call of one. */
export function functionOf(entry: Fields, path: string): Fields {
  const type = textField(entry, 'type', path)
  if (type !== undefined && type !== 'function') throw unsupportedField(within(path, 'type'), 'a tool is a "function"')
  return needed(objectField(entry, 'function', path), within(path, 'function'), 'an object with a name')
}

export const nameOf = (from: Fields, path: string, key = 'name'): string =>
  needed(shortText(from, key, { min: 1, max: limits.nameChars }, path), within(path, key), 'text')
