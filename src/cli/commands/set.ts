import type { ModelPatch } from '../../contract/index.ts'
import type { CommandContext, RunCommand } from '../command-spec.ts'
import { connect } from '../connection.ts'
import { loadOptionsOf } from '../load-options.ts'
import { wrongValue } from '../option-values.ts'
import { visible } from '../visible.ts'

export const run: RunCommand = async (context) => {
  const { io, words, signal } = context
  const change = changeOf(context.options)
  await using connection = await connect(context, 'write')
  const { models } = connection.client
  const ref = words[0] ?? ''
  // Options that are not named stay: the route replaces them as a whole.
  const load = change.load && { ...(await models.get(ref, { signal })).load, ...change.load }
  const model = await models.update(ref, load ? { ...change, load } : change, { signal })
  if (io.json) io.document(model)
  else {
    const remembered = Object.entries(model.load ?? {}).map(([name, value]) => `${name} ${value}`)
    io.out(`${visible(model.ref)}: ${[remembered.join(', ') || 'no load options', ...(model.pinned ? ['pinned'] : [])].join(', ')}\n`)
  }
  return 0
}

function changeOf(options: CommandContext['options']): ModelPatch {
  const load = loadOptionsOf(options)
  const { reset, pin, unpin } = options
  if (reset && load) throw wrongValue('--reset forgets the load options: give none with it.')
  if (pin && unpin) throw wrongValue('Say --pin or --unpin, not both.')
  const patch: ModelPatch = {
    ...(load && { load }),
    ...(reset === true && { load: null }),
    ...((pin === true || unpin === true) && { pinned: pin === true }),
  }
  if (Object.keys(patch).length === 0) throw wrongValue('Say what to set: --ctx, --gpu-layers, --reset, --pin or --unpin.')
  return patch
}
