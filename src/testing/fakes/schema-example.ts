/** A value that a JSON Schema allows, for the parts of it that tools and forms of answers use. */
export function exampleOf(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null) return {}
  const told = schema as Readonly<Record<string, unknown>>
  if (told.const !== undefined) return told.const
  if (Array.isArray(told.enum)) return told.enum[0]
  const [first] = [told.anyOf, told.oneOf].flatMap((some) => (Array.isArray(some) ? some : []))
  if (first !== undefined) return exampleOf(first)
  const type = Array.isArray(told.type) ? told.type[0] : told.type
  if (type === 'string') return 'text'
  if (type === 'integer' || type === 'number') return typeof told.minimum === 'number' ? told.minimum : 1
  if (type === 'boolean') return true
  if (type === 'null') return null
  if (type === 'array') return [exampleOf(told.items)]
  return Object.fromEntries(Object.entries(told.properties ?? {}).map(([name, one]) => [name, exampleOf(one)]))
}
