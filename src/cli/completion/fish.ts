import type { CommandLine, ValueKind } from '../command-spec.ts'
import { type Flag, firstWordsOf, type Place, placesOf } from './places.ts'

export const fishScript = (line: CommandLine): string => `# modelyard completion for fish: modelyard completion fish | source
complete -c modelyard -f
${firstWordsOf(line)
  .map(({ name, what }) => `complete -c modelyard -n __fish_use_subcommand -a ${name} -d ${quote(what)}`)
  .join('\n')}
${placesOf(line).flatMap(linesOf).join('\n')}
`

function linesOf({ paths, commands, options, values }: Place): string[] {
  return paths.flatMap((path) => {
    const condition = quote(
      conditionOf(
        path,
        commands.map(({ name }) => name),
      ),
    )
    const line = (rest: string): string => `complete -c modelyard -n ${condition} ${rest}`
    return [
      ...commands.map(({ name, what }) => line(`-a ${name} -d ${quote(what)}`)),
      ...(values === undefined ? [] : [line(argumentOf(values))]),
      ...options.map((flag) => line(optionOf(flag))),
    ]
  })
}

/** A command above others counts until one of those was written. */
function conditionOf(path: string, below: readonly string[]): string {
  const seen = path.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`)
  return [...seen, ...(below.length === 0 ? [] : [`not __fish_seen_subcommand_from ${below.join(' ')}`])].join('; and ')
}

function optionOf({ names, what, takesValue, values }: Flag): string {
  const spelled = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`)).join(' ')
  const value = !takesValue ? '' : ` -r ${values === undefined ? '' : argumentOf(values)}`.trimEnd()
  return `${spelled} -d ${quote(what)}${value}`
}

function argumentOf(values: ValueKind): string {
  if (values === 'file') return '-F'
  return `-a ${typeof values === 'string' ? `'(modelyard __complete ${values} 2>/dev/null)'` : quote(values.join(' '))}`
}

const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
