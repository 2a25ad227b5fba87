import type { RunCommand } from '../command-spec.ts'
import { wrongValue } from '../option-values.ts'

const scripts = {
  bash: async () => (await import('../completion/bash.ts')).bashScript(),
  zsh: async () => (await import('../completion/zsh.ts')).zshScript(),
  fish: async () => (await import('../completion/fish.ts')).fishScript(),
}

export const run: RunCommand = async ({ io, words }) => {
  const shell = words[0] ?? ''
  if (!Object.hasOwn(scripts, shell)) throw wrongValue(`There is a script for ${Object.keys(scripts).join(', ')}, not for "${shell}".`)
  const script = await scripts[shell as keyof typeof scripts]()
  if (io.json) io.document({ shell, script })
  else io.out(script)
  return 0
}
