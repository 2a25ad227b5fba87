import type { Policy, SwitchResult } from '../../contract/index.ts'
import { type CommandContext, type RunCommand, textOption } from '../command-spec.ts'
import { connect } from '../connection.ts'
import { exitOfSwitch } from '../exit-codes.ts'
import type { Io } from '../io.ts'
import { loadOptionsOf } from '../load-options.ts'
import { wrongValue } from '../option-values.ts'
import { pickModel } from '../pick-model.ts'
import { showSwitchEnd } from '../show-switch-end.ts'
import { stepView } from '../step-view.ts'

/** Ctrl-C cancels at the service and waits for the roll back: what it says at the end is what became of it. */
export const run: RunCommand = async (context) => {
  const { io, words, options, signal } = context
  if (words[0] === undefined && !io.interactive) throw wrongValue('Name the model to use: without a terminal there is nobody to ask.')
  const slot = textOption(options, 'slot') ?? 'default'
  const load = loadOptionsOf(options)
  await using connection = await connect(context, 'serve')
  const model = words[0] ?? (await pickModel(connection.client, signal))
  const steps = stepView(io, model)
  const result = await connection.client
    .slot(slot)
    .switch(model, { signal, load, policy: textOption(options, 'policy') as Policy | undefined, onEvent: steps.show })
  steps.end(result.outcome)
  showResult(io, result)
  return exitOf(context, result)
}

function showResult(io: Io, result: SwitchResult): void {
  if (io.json) io.document(result)
  else showSwitchEnd(io, result)
}

/** Whoever pressed Ctrl-C was interrupted, unless the cut-over had come before. */
function exitOf({ signal }: CommandContext, result: SwitchResult): number {
  const code = exitOfSwitch(result)
  return signal.aborted && result.outcome === 'rolled_back' ? 130 : code
}
