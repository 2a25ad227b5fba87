/** Names of slots as the service takes them. */

const grammar = /^[a-z][a-z0-9-]{0,31}$/

export type SlotNameFault = 'form' | 'taken'

export function slotNameFault(name: string, taken: readonly string[]): SlotNameFault | undefined {
  if (!grammar.test(name)) return 'form'
  return taken.includes(name) ? 'taken' : undefined
}
