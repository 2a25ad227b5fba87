/** Names of tokens as the service takes them, and one to suggest. */

const grammar = /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/

export type NameFault = 'form' | 'taken'

/** Undefined: it can be taken. */
export function nameFault(name: string, taken: readonly string[]): NameFault | undefined {
  if (!grammar.test(name)) return 'form'
  return taken.includes(name) ? 'taken' : undefined
}

/** The name itself, or with the first number that is free. */
export function freeName(wanted: string, taken: readonly string[]): string {
  if (!taken.includes(wanted)) return wanted
  for (let number = 2; ; number += 1) {
    const name = `${wanted}-${number}`
    if (!taken.includes(name)) return name
  }
}
