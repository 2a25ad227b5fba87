import { ModelyardError } from '../../contract/index.ts'
import type { RunCommand } from '../command-spec.ts'
import { homeOf, rotateToken, tokenFileOf } from '../home.ts'

/** Replaces the token file; a running service notices and refuses the old token from then on. */
export const run: RunCommand = async (context) => {
  const { io, env } = context
  if (env.MODELYARD_TOKEN) {
    throw new ModelyardError('conflict', 'The token comes from MODELYARD_TOKEN, not from a file.', {
      retryable: false,
      hint: 'Change it where that variable is set, and restart the service.',
    })
  }
  const home = homeOf(context)
  const token = await rotateToken(home)
  if (io.json) io.document({ token })
  else io.out(`${token}\n`)
  io.note(`Replaced in ${tokenFileOf(home)}. Apps that had the old one need this one.`)
  return 0
}
