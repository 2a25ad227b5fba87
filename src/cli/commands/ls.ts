import type { Model, ProviderOutcome } from '../../contract/index.ts'
import { type RunCommand, textOption } from '../command-spec.ts'
import { connect } from '../connection.ts'
import { formatContext, formatSize } from '../format.ts'
import type { Io } from '../io.ts'
import { table } from '../table.ts'

export const run: RunCommand = async (context) => {
  const { io, options, signal } = context
  await using connection = await connect(context, 'read')
  const kind = options.all === true ? 'all' : 'chat'
  const answer = await connection.client.models.list({ kind, provider: textOption(options, 'provider'), signal })
  if (io.json) io.document(answer)
  else if (answer.models.length > 0) showModels(io, answer.models, kind === 'all')
  else io.note('No model was found. `modelyard providers` says which model servers are there.')
  noteProblems(io, answer.providers)
  return 0
}

function showModels(io: Io, models: readonly Model[], withKind: boolean): void {
  const columns = [
    { title: 'MODEL' },
    { title: 'SIZE', right: true },
    { title: 'QUANTIZATION' },
    { title: 'CONTEXT', right: true },
    { title: 'KIND' },
    { title: 'STATE', paint: (cell: string) => io.color.green(cell) },
  ]
  io.out(
    table(
      columns,
      models.map((model) => rowOf(model, withKind)),
    ),
  )
}

function rowOf(model: Model, withKind: boolean): string[] {
  const state = [
    ...(model.loaded.length > 0 ? ['loaded'] : []),
    ...model.slots.map((slot) => `in ${slot}`),
    ...(model.pinned ? ['pinned'] : []),
  ]
  const { ref, sizeBytes, quantization = '', contextLength, kind } = model
  return [ref, formatSize(sizeBytes), quantization, formatContext(contextLength), withKind ? kind : '', state.join(', ')]
}

/** Servers that are just not there share a line; what is wrong in another way gets one of its own. */
function noteProblems(io: Io, providers: readonly ProviderOutcome[]): void {
  const away = providers.filter(({ state }) => state === 'unreachable' || state === 'stopped').map(({ id }) => id)
  for (const { id, state, error } of providers) {
    if (quiet.has(state) && !error) continue
    if (!away.includes(id)) io.note(`${id}: ${error?.message ?? state.replaceAll('_', ' ')}`)
  }
  if (away.length > 0) io.note(`Not there: ${away.join(', ')}. \`modelyard providers\` says why and what to do.`)
}

/** What is simply not on this machine is no problem. */
const quiet = new Set<ProviderOutcome['state']>(['ready', 'disabled', 'not_installed'])
