import type { Tool } from '../../contract/index.ts'
import type { Fields, NeutralChat } from '../dialect.ts'
import { badField, flagField, needed, objectField, objectsField, textField, within, wordField } from '../fields.ts'
import { nameOf } from '../function-tools.ts'
import { known } from '../known.ts'
import { limits } from '../ranges.ts'

type Asked = Pick<NeutralChat, 'tools' | 'toolChoice' | 'parallelToolCalls'>

const choices = ['auto', 'any', 'tool', 'none'] as const

export function toolsOf(body: Fields): Asked {
  const tools = objectsField(body, 'tools', limits.tools)?.map((tool, index) => toolOf(tool, within('tools', index))) ?? []
  const choice = objectField(body, 'tool_choice')
  return { ...(tools.length > 0 && { tools }), ...(choice && choiceOf(choice, tools)) }
}

function toolOf(from: Fields, path: string): Tool {
  refuseOthersTools(from, path)
  return {
    name: nameOf(from, path),
    parameters: needed(objectField(from, 'input_schema', path), within(path, 'input_schema'), 'a JSON schema'),
    ...known({ description: textField(from, 'description', path), strict: flagField(from, 'strict', path) }),
  }
}

/** A tool of a type of Anthropic's runs on its servers, or has a schema that only its models know. */
function refuseOthersTools(from: Fields, path: string): void {
  const type = textField(from, 'type', path)
  if (type === undefined || type === 'custom') return
  throw badField(
    within(path, 'type'),
    `The tool type ${JSON.stringify(type.slice(0, 64))} is Anthropic's own and unknown to the models behind this gateway.`,
    'Leave the tool out, or describe it as a tool of the type "custom" with an input_schema.',
  )
}

function choiceOf(choice: Fields, tools: readonly Tool[]): Asked {
  const path = 'tool_choice'
  const type = needed(wordField(choice, 'type', choices, path), within(path, 'type'), 'a word')
  const single = flagField(choice, 'disable_parallel_tool_use', path)
  const forced = type === 'any' || type === 'tool'
  if (tools.length === 0 && forced) throw badField(path, 'Expected tools beside this tool_choice; none came.')
  if (tools.length === 0) return {}
  const word = type === 'any' ? 'required' : type
  return {
    toolChoice: word === 'tool' ? { name: chosenTool(choice, tools) } : word,
    ...(single !== undefined && { parallelToolCalls: !single }),
  }
}

function chosenTool(choice: Fields, tools: readonly Tool[]): string {
  const field = 'tool_choice.name'
  const name = nameOf(choice, 'tool_choice')
  if (!tools.some((tool) => tool.name === name)) throw badField(field, `Expected the name of one of the tools as ${field}; another came.`)
  return name
}
