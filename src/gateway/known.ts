type Known<T> = { [Key in keyof T]: Exclude<T[Key], undefined> }

/** The object without what is undefined: in the neutral form what was not said is absent. */
export function known<T extends object>(fields: T): Partial<Known<T>> {
  const kept: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) kept[key] = value
  return kept as Partial<Known<T>>
}
