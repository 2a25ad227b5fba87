import type { CommandSpec, OptionSpec, ValueKind } from '../command-spec.ts'
import { commandTable, commonOptions } from '../command-table.ts'

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

/** Every place of the table, hidden ones left out. */
export const places = (): Place[] => commandTable.filter(({ hidden }) => !hidden).flatMap((spec) => placesOf(spec, []))

export const topCommands = (): { name: string; what: string }[] =>
  commandTable
    .filter(({ hidden }) => !hidden)
    .flatMap(({ name, aliases = [], what }) => [name, ...aliases].map((one) => ({ name: one, what })))

function placesOf(spec: CommandSpec, above: readonly string[]): Place[] {
  const names = [spec.name, ...(spec.aliases ?? [])]
  const paths = above.length === 0 ? names : above.flatMap((path) => names.map((name) => `${path} ${name}`))
  const place: Place = {
    paths,
    what: spec.what,
    commands: (spec.commands ?? []).map(({ name, what }) => ({ name, what })),
    options: [...(spec.options ?? []), ...commonOptions].map(flagOf),
    values: spec.arguments?.[0]?.values,
  }
  return [place, ...(spec.commands ?? []).flatMap((below) => placesOf(below, paths))]
}

function flagOf({ form, what, values }: OptionSpec): Flag {
  return { names: form.match(/--?[a-z][a-z-]*/g) ?? [], what, takesValue: form.includes('<'), values }
}
