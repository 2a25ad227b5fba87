/** Reads `modelyard.config.jsonc`. What is wrong with it is said with file, line and column, what was expected, what came. */
import { readFile } from 'node:fs/promises'
import { findNodeAtLocation, getNodeValue, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser'
import type { z } from 'zod'
import { type ConfigFile, configFile, defaultProviders, ModelyardError } from '../contract/index.ts'

export interface ReadConfig {
  readonly path: string
  readonly read: boolean
  readonly config: ConfigFile
}

/** `required`: somebody named the file, so it has to be there. */
export async function readConfig(path: string, { required }: { required: boolean }): Promise<ReadConfig> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && !required) return { path, read: false, config: {} }
    throw new ModelyardError(
      'invalid_configuration',
      `The configuration ${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}.`,
      { cause: error },
    )
  }
  return { path, read: true, config: parseConfig(text.replace(/^\uFEFF/, ''), path) }
}

export function parseConfig(text: string, path: string): ConfigFile {
  const errors: ParseError[] = []
  const tree = parseTree(text, errors, { allowTrailingComma: true })
  const [first] = errors
  if (first) throw wrong(path, text, first.offset, 'JSON with comments', words(printParseErrorCode(first.error)))
  if (!tree) return {}
  const checked = configFile.safeParse(getNodeValue(tree))
  if (!checked.success) throw explain(checked.error.issues[0], { tree, text, path })
  checkKinds(checked.data, { tree, text, path })
  return checked.data
}

interface Source {
  readonly tree: Node
  readonly text: string
  readonly path: string
}

function explain(issue: z.core.$ZodIssue | undefined, { tree, text, path }: Source): ModelyardError {
  const where = (issue?.path ?? []).filter((part) => typeof part !== 'symbol')
  const node = nearest(tree, where)
  const name = where.length === 0 ? 'the whole' : `"${where.join('.')}"`
  if (issue?.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? ''
    const known = knownKeys(where)
    const near = nearestName(key, known)
    const child = findNodeAtLocation(tree, [...where, key]) ?? node
    return wrong(
      path,
      text,
      child.parent?.offset ?? child.offset,
      near ? `a known key in ${name}, perhaps "${near}"` : `a known key in ${name} (${known.join(', ')})`,
      `"${key}"`,
    )
  }
  if (issue?.code === 'invalid_key') {
    const key = findNodeAtLocation(tree, where)?.parent ?? node
    return wrong(path, text, key.offset, `${name}: ${issue.issues[0]?.message ?? 'another name'}`, JSON.stringify(where.at(-1)))
  }
  const value = JSON.stringify(getNodeValue(node)) ?? 'nothing'
  return wrong(
    path,
    text,
    node.offset,
    `${name}: ${issue?.message ?? 'another value'}`,
    value.length > 80 ? `${value.slice(0, 77)}…` : value,
  )
}

/** The value of the longest part of the path that exists. */
function nearest(tree: Node, where: readonly (string | number)[]): Node {
  for (let length = where.length; length > 0; length -= 1) {
    const found = findNodeAtLocation(tree, where.slice(0, length))
    if (found) return found
  }
  return tree
}

/** An id of one's own says what kind of server it is. */
function checkKinds(config: ConfigFile, { tree, text, path }: Source): void {
  for (const [id, provider] of Object.entries(config.providers ?? {})) {
    if (provider.kind !== undefined || Object.hasOwn(defaultProviders, id)) continue
    const node = findNodeAtLocation(tree, ['providers', id]) ?? tree
    throw wrong(path, text, node.offset, `"providers.${id}.kind", since "${id}" is none of the default providers`, 'no kind')
  }
}

function wrong(path: string, text: string, offset: number, expected: string, got: string): ModelyardError {
  const before = text.slice(0, offset)
  const line = before.split('\n').length
  const column = offset - before.lastIndexOf('\n')
  return new ModelyardError('invalid_configuration', `${path}:${line}:${column}: expected ${expected}, got ${got}.`, {
    details: { file: path, line, column },
  })
}

const words = (code: string): string => code.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()

/** The keys that the schema knows at a place; records of free names know none. */
function knownKeys(where: readonly (string | number)[]): string[] {
  let schema: unknown = configFile
  for (const part of where) {
    const def = (
      schema as { def?: { type?: string; shape?: Record<string, unknown>; innerType?: unknown; valueType?: unknown } } | undefined
    )?.def
    schema = def?.type === 'record' ? unwrap(def.valueType) : unwrap(def?.shape?.[String(part)])
  }
  return Object.keys((unwrap(schema) as { def?: { shape?: object } } | undefined)?.def?.shape ?? {})
}

function unwrap(schema: unknown): unknown {
  const def = (schema as { def?: { type?: string; innerType?: unknown } } | undefined)?.def
  return def?.type === 'optional' || def?.type === 'nullable' ? unwrap(def.innerType) : schema
}

function nearestName(written: string, known: readonly string[]): string | undefined {
  const scored = known
    .map((name) => ({ name, distance: distance(written.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  const best = scored[0]
  return best && best.distance <= Math.max(2, Math.floor(written.length / 3)) ? best.name : undefined
}

/** How many letters have to be put in, left out or changed. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...b].entries()) {
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
