import type { RunCommand } from '../command-spec.ts'
import { settingsOf } from '../home.ts'

/** Reads and judges; what is wrong is thrown with its file and line. */
export const run: RunCommand = async (context) => {
  const { configFile } = await settingsOf(context)
  const { path, read } = configFile
  if (context.io.json) context.io.document({ file: { path, read }, valid: true })
  else context.io.out(read ? `${path} is valid\n` : `There is no ${path}: the defaults hold\n`)
  return 0
}
