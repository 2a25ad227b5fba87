import type { CommandLine, ValueKind } from '../command-spec.ts'
import { firstWordsOf, type Place, placesOf } from './places.ts'

/** Bash treats a colon as the end of a word: what it has already is cut off each answer. */
export const bashScript = (line: CommandLine): string => `# modelyard completion for bash: source <(modelyard completion bash)
_modelyard_answer() {
  local word
  COMPREPLY=()
  while IFS= read -r word; do
    [[ $word == "$current"* ]] && COMPREPLY+=("\${word:\${#before_colon}}")
  done
}
_modelyard() {
  local line="\${COMP_LINE:0:COMP_POINT}" words current previous place before_colon=""
  read -ra words <<<"$line"
  [[ $line == *' ' ]] && words+=("")
  current="\${words[\${#words[@]} - 1]}"
  previous="\${words[\${#words[@]} - 2]}"
  [[ $current == *:* && $COMP_WORDBREAKS == *:* ]] && before_colon="\${current%:*}:"
  place="\${words[1]}"
  if ((\${#words[@]} == 2)); then
    _modelyard_answer < <(printf '%s\\n' ${firstWordsOf(line)
      .map(({ name }) => name)
      .join(' ')})
    return
  fi
  case "$place \${words[2]}" in
${nested(line)
  .map((path) => `    '${path}') place='${path}' ;;`)
  .join('\n')}
  esac
  case "$place:$previous" in
${placesOf(line).flatMap(optionCases).join('\n')}
  esac
  case "$place" in
${placesOf(line).map(placeCase).join('\n')}
  esac
}
complete -o default -F _modelyard modelyard
`

const nested = (line: CommandLine): string[] => placesOf(line).flatMap(({ paths }) => paths.filter((path) => path.includes(' ')))

function optionCases({ paths, options }: Place): string[] {
  return options
    .filter(({ takesValue }) => takesValue)
    .map(({ names, values }) => {
      const patterns = paths.flatMap((path) => names.map((name) => `'${path}:${name}'`)).join(' | ')
      return `    ${patterns}) ${values === undefined ? 'COMPREPLY=()' : answer(values)}; return ;;`
    })
}

function placeCase({ paths, commands, options, values }: Place): string {
  const flags = options.flatMap(({ names }) => names.filter((name) => name.startsWith('--')))
  const words = commands.length > 0 ? answer(commands.map(({ name }) => name)) : values === undefined ? 'COMPREPLY=()' : answer(values)
  return `    ${paths.map((path) => `'${path}'`).join(' | ')}) if [[ $current == -* ]]; then ${answer([...flags, '--help'])}; else ${words}; fi ;;`
}

function answer(values: ValueKind): string {
  if (values === 'file') return 'COMPREPLY=()'
  const source = typeof values === 'string' ? `modelyard __complete ${values} 2>/dev/null` : `printf '%s\\n' ${values.join(' ')}`
  return `_modelyard_answer < <(${source})`
}
