import { version } from '../../util/version.ts'
import type { RunCommand } from '../command-spec.ts'

/** Reached only with further options; the bare word is answered before anything is loaded. */
export const run: RunCommand = async ({ io }) => {
  if (io.json) io.document({ version: version })
  else io.out(`${version}\n`)
  return 0
}
