import type { CommandLine, CommandSpec, OptionSpec, ValueKind } from '../command-spec.ts'

/** One place of the command line: a command, or a command below one. */
export interface Place {
  /** Every way to write it: `ls` and `list`, `slots add`. */
  readonly paths: readonly string[]
  readonly what: string
  readonly commands: readonly { readonly name: string; readonly what: string }[]
  readonly options: readonly Flag[]
  /** What its first word may be. */
  readonly values?: ValueKind | undefined
}

export interface Flag {
  readonly names: readonly string[]
  readonly what: string
  readonly takesValue: boolean
  readonly values?: ValueKind | undefined
}

/** Every place of the command line, hidden ones left out. */
export const placesOf = ({ commands, commonOptions }: CommandLine): Place[] =>
  shown(commands).flatMap((spec) => placesBelow(spec, [], commonOptions))

/** What the first word may be, aliases included. */
export const firstWordsOf = ({ commands }: CommandLine): { name: string; what: string }[] =>
  shown(commands).flatMap(({ name, aliases = [], what }) => [name, ...aliases].map((one) => ({ name: one, what })))

const shown = (commands: readonly CommandSpec[]): CommandSpec[] => commands.filter(({ hidden }) => !hidden)

function placesBelow(spec: CommandSpec, above: readonly string[], common: readonly OptionSpec[]): Place[] {
  const names = [spec.name, ...(spec.aliases ?? [])]
  const paths = above.length === 0 ? names : above.flatMap((path) => names.map((name) => `${path} ${name}`))
  const place: Place = {
    paths,
    what: spec.what,
    commands: (spec.commands ?? []).map(({ name, what }) => ({ name, what })),
    options: [...(spec.options ?? []), ...common].map(flagOf),
    values: spec.arguments?.[0]?.values,
  }
  return [place, ...(spec.commands ?? []).flatMap((below) => placesBelow(below, paths, common))]
}

function flagOf({ form, what, values }: OptionSpec): Flag {
  return { names: form.match(/--?[a-z][a-z-]*/g) ?? [], what, takesValue: form.includes('<'), values }
}
