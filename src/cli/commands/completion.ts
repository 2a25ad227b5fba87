import type { CommandLine, RunCommand } from '../command-spec.ts'
import { wrongValue } from '../option-values.ts'

const scripts = {
  bash: async (line: CommandLine) => (await import('../completion/bash.ts')).bashScript(line),
  zsh: async (line: CommandLine) => (await import('../completion/zsh.ts')).zshScript(line),
  fish: async (line: CommandLine) => (await import('../completion/fish.ts')).fishScript(line),
}

export const run: RunCommand = async ({ io, words, commandLine }) => {
  const shell = words[0] ?? ''
  if (!Object.hasOwn(scripts, shell)) throw wrongValue(`There is a script for ${Object.keys(scripts).join(', ')}, not for "${shell}".`)
  const script = await scripts[shell as keyof typeof scripts](commandLine)
  if (io.json) io.document({ shell, script })
  else io.out(script)
  return 0
}
