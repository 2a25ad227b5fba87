import type { ProviderInfo, ProviderState } from '../../contract/index.ts'
import type { RunCommand } from '../command-spec.ts'
import { connect } from '../connection.ts'
import type { Colors, Io } from '../io.ts'
import { table } from '../table.ts'

export const run: RunCommand = async (context) => {
  const { io, signal } = context
  await using connection = await connect(context, 'read')
  const providers = await connection.client.detect({ signal })
  if (io.json) io.document({ providers })
  else showProviders(io, providers)
  return 0
}

export function showProviders(io: Io, providers: readonly ProviderInfo[]): void {
  const columns = [
    { title: 'PROVIDER' },
    { title: 'STATE', paint: (cell: string, state: string) => paintOf(state)(io.color)(cell) },
    { title: 'VERSION' },
    { title: 'LOADED' },
    { title: 'ADDRESS' },
  ]
  const rows = providers.map(({ id, state, version = '', loaded, baseUrl = '' }) => [
    id,
    state.replaceAll('_', ' '),
    version,
    loaded.map(({ name }) => name).join(', '),
    baseUrl,
  ])
  io.out(table(columns, rows))
  for (const provider of providers) noteReason(io, provider)
}

/** Why it cannot be used, and what to do. */
export function noteReason(io: Io, { id, state, error, hint }: ProviderInfo): void {
  if (state === 'ready' || state === 'disabled' || (!error && !hint)) return
  io.note([`${id}:`, error?.message, hint && `→ ${hint}`].filter(Boolean).join(' '))
}

function paintOf(state: string): (color: Colors) => (text: string) => string {
  const good: ProviderState = 'ready'
  const calm: readonly string[] = ['disabled', 'not installed', 'stopped', 'starting']
  if (state === good) return (color) => color.green
  return calm.includes(state) ? (color) => color.dim : (color) => color.yellow
}
