/**
 * What a child is told of a chat, judged before anything is loaded: what the embedded engine cannot do is refused, naming the
 * field. The grammars are made here too, in bounded time; the child only compiles them.
 */
import type { AnswerFormat, Tool, ToolChoice } from '../../contract/index.ts'
import type { ProviderChatRequest } from '../provider.ts'
import { anyObject } from './grammar/parts.ts'
import { grammarOfSchema } from './grammar/schema-grammar.ts'
import { type SchemaBudget, schemaBudget } from './grammar/schema-reader.ts'
import type { HistoryItem } from './llama-types.ts'
import type { ChatOptions, OfferedTool } from './messages.ts'
import { historyOf, refused } from './prompt-history.ts'

export interface ChatOrder {
  readonly history: readonly HistoryItem[]
  readonly options: ChatOptions
}

export function orderOf(request: Omit<ProviderChatRequest, 'model'>): ChatOrder {
  const { messages, tools: offered = [], toolChoice = 'auto', parallelToolCalls, format, logprobs, load: _, ...sampling } = request
  if (logprobs !== undefined) throw refused('logprobs', 'the embedded engine does not tell how probable its tokens were.')
  if (sampling.repeatPenalty === 0) throw refused('repeatPenalty', 'the embedded engine takes no penalty of 0; 1 is none.')
  const budget = schemaBudget()
  const tools = toolChoice === 'none' ? [] : offered.map((one, index) => offerOf(one, `tools[${index}]`, budget))
  const names = namesFor(tools, toolChoice)
  const forced = toolChoice !== 'auto' && toolChoice !== 'none'
  if (format && tools.length > 0 && !forced)
    throw refused(
      'format',
      'the embedded engine cannot leave a choice between tools and a form of the answer.',
      'Leave one of them out, or set "toolChoice".',
    )
  return {
    history: historyOf(messages),
    options: {
      ...sampling,
      ...(tools.length > 0 && { calls: { tools, names, forced, several: parallelToolCalls !== false } }),
      ...(format && !forced && { grammar: grammarFor(format) }),
    },
  }
}

function namesFor(tools: readonly OfferedTool[], choice: ToolChoice): readonly string[] {
  const names = tools.map(({ name }) => name)
  const twice = names.findIndex((name, index) => names.indexOf(name) !== index)
  if (twice !== -1) throw refused(`tools[${twice}].name`, 'two tools have this name.')
  if (choice === 'required' && names.length === 0) throw refused('toolChoice', 'there is no tool to be called.')
  if (typeof choice === 'string') return names
  if (!names.includes(choice.name)) throw refused('toolChoice.name', 'no tool has this name.')
  return [choice.name]
}

/** A name stands bare in the text of a call. */
const callable = /^[\w.:/-]{1,256}$/

function offerOf({ name, description, parameters, strict }: Tool, at: string, budget: SchemaBudget): OfferedTool {
  if (!callable.test(name)) throw refused(`${at}.name`, 'the embedded engine takes letters, digits and _ . : / - only.')
  if (parameters?.type !== undefined && parameters.type !== 'object') throw refused(`${at}.parameters.type`, 'expected "object".')
  const schema = parameters ? { ...parameters, type: 'object' } : { type: 'object', properties: {} }
  const grammar = grammarOfSchema(schema, { field: `${at}.parameters`, insists: strict === true, budget })
  return { name, ...(description !== undefined && { description }), parameters: schema, grammar }
}

const grammarFor = (format: AnswerFormat): string =>
  format.type === 'json'
    ? anyObject()
    : grammarOfSchema(format.schema, { field: 'format.schema', insists: format.strict !== false, budget: schemaBudget() })
