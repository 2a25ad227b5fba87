import type { Io } from './io.ts'

/** What can be completed at a place. */
export type ValueKind = 'model' | 'slot' | 'provider' | 'job' | 'catalog' | 'file' | readonly string[]

export interface ArgumentSpec {
  /** As help shows it: `<ref>`, `[ref]`, `[prompt...]`. */
  readonly form: string
  readonly what: string
  readonly values?: ValueKind
}

export interface OptionSpec {
  /** As commander reads it: `--ctx <n>`. */
  readonly form: string
  readonly what: string
  readonly values?: ValueKind
  /** Checks and converts the text; throws `invalid_request`. */
  readonly parse?: (text: string) => unknown
  readonly repeatable?: boolean
}

/** A command as data: the parser, the help and the completion scripts are made from it. */
export interface CommandSpec {
  readonly name: string
  readonly aliases?: readonly string[]
  readonly what: string
  readonly arguments?: readonly ArgumentSpec[]
  readonly options?: readonly OptionSpec[]
  readonly examples: readonly string[]
  readonly hidden?: boolean
  readonly commands?: readonly CommandSpec[]
  /** Loads the file that does it; nothing of a command is loaded before it is wanted. */
  readonly load?: () => Promise<{ run: RunCommand }>
}

/** The whole command line as data. */
export interface CommandLine {
  readonly commands: readonly CommandSpec[]
  /** Accepted by every command. */
  readonly commonOptions: readonly OptionSpec[]
}

/** Returns the exit code; throws ModelyardError. */
export type RunCommand = (context: CommandContext) => Promise<number>

export interface CommandContext {
  /** Positional words in order; a variadic one is spread. */
  readonly words: readonly string[]
  /** By commander's names: `--gpu-layers` is `gpuLayers`. */
  readonly options: Readonly<Record<string, unknown>>
  readonly io: Io
  readonly env: NodeJS.ProcessEnv
  /** Aborts at the first Ctrl-C; a second one ends the process. Not watched before it is first read. */
  readonly signal: AbortSignal
  readonly commandLine: CommandLine
}

export const textOption = (options: CommandContext['options'], name: string): string | undefined => {
  const value = options[name]
  return typeof value === 'string' ? value : undefined
}
