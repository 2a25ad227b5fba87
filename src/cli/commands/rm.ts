import type { Client, RemoveOptions } from '../../client/index.ts'
import { ModelyardError, type Removal } from '../../contract/index.ts'
import { type RunCommand, textOption } from '../command-spec.ts'
import { connect } from '../connection.ts'
import { formatSize } from '../format.ts'
import type { Io } from '../io.ts'
import { wrongValue } from '../option-values.ts'
import { visible } from '../visible.ts'

/** Shows what would go and asks; where nobody can be asked, only --yes removes. */
export const run: RunCommand = async (context) => {
  const { io, words, options, signal } = context
  const ref = words[0] ?? ''
  const replaceWith = textOption(options, 'replaceWith')
  const wanted = { replaceWith, emptySlots: flag(options.emptySlot), foreign: flag(options.foreign) }
  if (replaceWith !== undefined && wanted.emptySlots) throw wrongValue('Give either --replace-with or --empty-slot.')
  const dryRun = options.dryRun === true
  if (!dryRun && options.yes !== true && !io.interactive)
    throw wrongValue('Say --yes to remove it, or --dry-run to see what would go: without a terminal there is nobody to ask.')
  await using connection = await connect(context, dryRun ? 'read' : 'write')
  const { client } = connection
  if (dryRun || options.yes !== true) {
    const plan = await client.models.remove(ref, { ...wanted, dryRun: true, signal })
    show(io, plan)
    if (dryRun) return 0
    if (plan.removed.length > 0 && !(await io.confirm(`Remove ${ref}?`, signal)))
      throw new ModelyardError('cancelled', 'Nothing was removed.')
  }
  show(io, await removed(client, ref, { ...wanted, signal }))
  return 0
}

const flag = (value: unknown): true | undefined => (value === true ? true : undefined)

const removed = (client: Client, ref: string, options: RemoveOptions): Promise<Removal> => client.models.remove(ref, options)

function show(io: Io, removal: Removal): void {
  if (io.json) return io.document(removal)
  const { ref, removed: gone, kept, freedBytes, dryRun } = removal
  for (const { path, name, bytes } of gone)
    io.out(`${dryRun ? 'would go' : 'gone'}   ${visible(path ?? name ?? '')}  ${formatSize(bytes)}\n`)
  for (const { path, why } of kept) io.out(`stays  ${visible(path)}: ${visible(why)}\n`)
  io.out(
    dryRun
      ? `${visible(ref)}: ${formatSize(freedBytes)} would be freed\n`
      : `${visible(ref)} is removed, ${formatSize(freedBytes)} freed\n`,
  )
}
