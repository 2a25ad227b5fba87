import type { RunCommand } from '../command-spec.ts'
import { tokenOf } from '../home.ts'

/** The token alone on standard output, for `$(modelyard token)`. Made when there is none yet. */
export const run: RunCommand = async (context) => {
  const { io } = context
  const token = await tokenOf(context)
  if (io.json) io.document({ token })
  else io.out(`${token}\n`)
  return 0
}
