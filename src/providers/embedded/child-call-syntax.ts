/** How a family of models writes the call of a tool, as the package knows it or found it in the template. */
import type { ChatModel } from './child-load.ts'
import type { ContextState, LlamaText } from './llama-types.ts'

type Text = string | LlamaText

export interface CallSyntax {
  /** What stands before the first name. */
  readonly start: LlamaText
  /** By these it is seen that a call begins. */
  readonly starts: readonly string[]
  /** By these, that another follows; none where an answer has one call at most. */
  readonly next: readonly string[]
  beforeArguments(name: string): LlamaText
  afterArguments(name: string): LlamaText
}

/** Undefined for a family that knows no calls. */
export function callSyntaxOf({ engine, wrapper }: Pick<ChatModel, 'engine' | 'wrapper'>, state: ContextState): CallSyntax | undefined {
  const { functions } = wrapper.settings
  if (!functions) return undefined
  const { call, parallelism } = functions
  const join = (...parts: Text[]): LlamaText => engine.LlamaText(parts)
  const prefixes = [call.prefix, ...(call.prefixAlternateMatches ?? [])]
  // Families whose answers have several parts say in what part a call stands.
  const parts = (state.prefixTriggers ?? []).filter((one) => one.type === 'functionCall').map(({ inject }): Text => inject ?? '')
  const sections =
    parts.length > 0 ? parts : [parallelism?.call?.sectionPrefix ?? '', ...(parallelism?.call?.sectionPrefixAlternateMatches ?? [])]
  const between = parallelism?.call?.betweenCalls ?? ''
  const named = (text: Text, name: string): LlamaText =>
    join(text).mapValues((value) => (typeof value === 'string' ? value.replaceAll('{{functionName}}', name) : value))
  return {
    start: join(sections[0] ?? '', call.prefix),
    starts: sections.flatMap((section) => prefixes.map((prefix) => words(join(section, prefix)))),
    next: parallelism ? [...prefixes.map((prefix) => words(join(between, prefix))), ...prefixes.map((prefix) => words(join(prefix)))] : [],
    beforeArguments: (name) => named(call.paramsPrefix, name),
    afterArguments: (name) => named(call.suffix, name),
  }
}

/** Blanks before it vary. */
const words = (text: LlamaText): string => String(text).trimStart()
