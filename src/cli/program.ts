import { Command, CommanderError, Option } from 'commander'
import { ModelyardError } from '../contract/error.ts'
import { version } from '../util/version.ts'
import type { CommandSpec, OptionSpec } from './command-spec.ts'
import { commandTable, commonOptions } from './command-table.ts'

export interface Invocation {
  readonly spec: CommandSpec
  readonly words: readonly string[]
  readonly options: Readonly<Record<string, unknown>>
}

/**
 * What is asked for, by a parser made from the table; undefined when the parser has answered (help, version). What it
 * refuses is thrown as `invalid_request`.
 */
export async function parse(words: readonly string[], out: (text: string) => void): Promise<Invocation | undefined> {
  let invocation: Invocation | undefined
  const program = programOf((asked) => {
    invocation = asked
  }, out)
  try {
    await program.parseAsync(saysNothing(words) ? [...words, 'status'] : words, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode !== 0) throw refusal(error)
  }
  return invocation
}

type Invoke = (invocation: Invocation) => void

function programOf(invoke: Invoke, out: (text: string) => void): Command {
  const program = new Command('modelyard')
    .description('Find, list and switch the language models on your own machine: a switch that is proven or undone.')
    .usage('<command> [options]')
    .version(version, '-V, --version', 'print the version')
    .helpCommand('help [command]', 'show the help of a command')
    .addHelpText('after', '\nmodelyard <command> --help shows its options and examples.')
    .exitOverride()
    .configureHelp({ subcommandTerm: termOf })
    .configureOutput({ writeOut: out, writeErr: () => {} })
  for (const option of commonOptions) program.addOption(optionOf(option))
  for (const spec of commandTable) addCommand(program, spec, invoke)
  return program
}

/** `use [ref]`: options are what its own help shows. */
const termOf = (command: Command): string =>
  [
    [command.name(), ...command.aliases()].join(', '),
    command
      .usage()
      .replace(/\[(?:options|command)\]/g, '')
      .trim(),
  ]
    .join(' ')
    .trim()

function addCommand(parent: Command, spec: CommandSpec, invoke: Invoke): void {
  const command = new Command(spec.name).description(spec.what).copyInheritedSettings(parent)
  command.aliases([...(spec.aliases ?? [])])
  for (const { form, what } of spec.arguments ?? []) command.argument(form, what)
  for (const option of [...(spec.options ?? []), ...commonOptions]) command.addOption(optionOf(option))
  for (const below of spec.commands ?? []) addCommand(command, below, invoke)
  if (spec.commands) command.helpCommand(false)
  if (spec.examples.length > 0) command.addHelpText('after', `\nExamples:\n${spec.examples.map((example) => `  ${example}`).join('\n')}`)
  if (spec.load) command.action(() => invoke({ spec, words: command.args, options: command.optsWithGlobals() }))
  parent.addCommand(command, { hidden: spec.hidden === true })
}

function optionOf({ form, what, parse: read, repeatable }: OptionSpec): Option {
  const option = new Option(form, what)
  if (repeatable) return option.argParser((text: string, before: string[] | undefined) => [...(before ?? []), text])
  return read ? option.argParser((text: string) => read(text)) : option
}

/** Nothing but options that every command takes: the person wants to see how things are. */
function saysNothing(words: readonly string[]): boolean {
  const takesValue = commonOptions.filter(({ form }) => form.includes('<')).map(({ form }) => form.split(' ')[0])
  return words.every((word, index) => word === '--json' || takesValue.includes(word) || takesValue.includes(words[index - 1]))
}

/** Commander's refusal in our words: its suggestion becomes the hint. */
function refusal({ code, message }: CommanderError): ModelyardError {
  if (code === 'commander.help')
    return new ModelyardError('invalid_request', 'This command needs another word.', { hint: 'Add --help to see which.' })
  const [sentence = '', ...more] = message.replace(/^error: /, '').split('\n')
  const suggestion = /\(Did you mean (?:one of )?(.+)\?\)/.exec(more.join(' '))?.[1]
  return new ModelyardError('invalid_request', `${sentence.charAt(0).toUpperCase()}${sentence.slice(1).replace(/\.?$/, '.')}`, {
    hint: suggestion ? `Did you mean ${suggestion}?` : 'Add --help to see what there is.',
  })
}
