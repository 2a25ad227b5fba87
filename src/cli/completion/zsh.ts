import type { CommandLine, ValueKind } from '../command-spec.ts'
import { type Flag, firstWordsOf, type Place, placesOf } from './places.ts'

export const zshScript = (line: CommandLine): string => `#compdef modelyard
# modelyard completion for zsh: source <(modelyard completion zsh)
_modelyard_names() {
  local -a names
  names=("\${(@f)$(modelyard __complete $1 2>/dev/null)}")
  compadd -a names
}
_modelyard() {
  local place="\${words[2]}"
  if ((CURRENT == 2)); then
    local -a commands
    commands=(
${firstWordsOf(line)
  .map(({ name, what }) => `      ${quote(`${name}:${what}`)}`)
  .join('\n')}
    )
    _describe command commands
    return
  fi
  case "$place \${words[3]}" in
${placesOf(line)
  .flatMap(({ paths }) => paths.filter((path) => path.includes(' ')))
  .map((path) => `    '${path}') ((CURRENT > 3)) && place='${path}' ;;`)
  .join('\n')}
  esac
  case "$place" in
${placesOf(line).map(placeCase).join('\n')}
  esac
}
if [[ "$funcstack[1]" == _modelyard ]]; then _modelyard "$@"; else compdef _modelyard modelyard; fi
`

function placeCase({ paths, options, commands, values }: Place): string {
  const words =
    commands.length > 0
      ? `'*: :(${commands.map(({ name }) => name).join(' ')})'`
      : values === undefined
        ? ''
        : quote(`*: :${action(values)}`)
  const flags = options.flatMap(flagSpecs).map(quote).join(' ')
  return `    ${paths.map((path) => `'${path}'`).join('|')}) _arguments ${flags} '--help[show help]' ${words} ;;`
}

function flagSpecs({ names, what, takesValue, values }: Flag): string[] {
  const text = what.replace(/[[\]:\\]/g, '\\$&')
  return names.map((name) => `${name}[${text}]${takesValue ? `:value:${values === undefined ? ' ' : action(values)}` : ''}`)
}

function action(values: ValueKind): string {
  if (values === 'file') return '_files'
  return typeof values === 'string' ? `_modelyard_names ${values}` : `(${values.join(' ')})`
}

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
