import type { Client } from '../../client/index.ts'
import type { Model } from '../../contract/index.ts'
import type { CommandContext, RunCommand } from '../command-spec.ts'
import { connect } from '../connection.ts'
import { exitOfError } from '../exit-codes.ts'
import { wrongValue } from '../option-values.ts'
import { showError } from '../show-error.ts'
import { visible } from '../visible.ts'

export const run: RunCommand = async (context) => {
  const { io, words, options, signal } = context
  const [ref] = words
  const all = options.all === true
  if (all === (ref !== undefined)) throw wrongValue('Name one model, or say --all.')
  await using connection = await connect(context, 'write')
  if (all) return await unloadAll(context, connection.client)
  const model = await connection.client.models.unload(ref ?? '', { signal })
  if (io.json) io.document(model)
  else io.out(`${visible(model.ref)} is unloaded\n`)
  return 0
}

/** One that cannot be unloaded does not keep the others loaded; the first failure gives the exit code. */
async function unloadAll({ io, signal }: CommandContext, client: Client): Promise<number> {
  const providers = await client.detect({ signal })
  const refs = [...new Set(providers.flatMap(({ loaded }) => loaded.map(({ ref }) => ref)))]
  const models: Model[] = []
  let exit = 0
  for (const ref of refs) {
    try {
      models.push(await client.models.unload(ref, { signal }))
      if (!io.json) io.out(`${visible(ref)} is unloaded\n`)
    } catch (error) {
      signal.throwIfAborted()
      showError({ ...io, json: false }, error)
      exit ||= exitOfError(error)
    }
  }
  if (refs.length === 0) io.note('Nothing is loaded.')
  if (io.json) io.document({ models })
  return exit
}
