import type { Slot } from '../../contract/index.ts'
import type { RunCommand } from '../command-spec.ts'
import { connect } from '../connection.ts'
import { formatWhen } from '../format.ts'
import type { Colors, Io } from '../io.ts'
import { table } from '../table.ts'

export const run: RunCommand = async (context) => {
  const { io, signal } = context
  await using connection = await connect(context, 'read')
  const slots = await connection.client.slots.list({ signal })
  if (io.json) io.document({ slots })
  else showSlots(io, slots)
  return 0
}

export function showSlots(io: Io, slots: readonly Slot[]): void {
  const columns = [
    { title: 'SLOT' },
    { title: 'STATE', paint: (cell: string, state: string) => paintOf(io.color, state)(cell) },
    { title: 'MODEL' },
    { title: 'VERIFIED' },
    { title: 'REQUESTS', right: true },
    { title: 'WAITING', right: true },
    { title: 'POLICY' },
  ]
  io.out(table(columns, slots.map(rowOf)))
  for (const { slot, reason } of slots) {
    if (reason) io.note([`${slot}: ${reason.message}`, reason.hint && `→ ${reason.hint}`].filter(Boolean).join(' '))
  }
}

function rowOf({ slot, state, idle, ref = '', verifiedAt, leases, waiting, policy }: Slot): string[] {
  return [slot, idle ? `${state}, idle` : state, ref, formatWhen(verifiedAt), String(leases), waiting === 0 ? '' : String(waiting), policy]
}

function paintOf(color: Colors, state: string): (text: string) => string {
  if (state.startsWith('serving')) return color.green
  if (state === 'degraded') return color.red
  return state === 'empty' ? color.dim : color.yellow
}
