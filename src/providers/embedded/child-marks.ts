/**
 * The words by which a model says what the text after them is: thoughts, an answer, nothing to be shown. The package
 * knows them for each family; some are control tokens, which are left out of a text unless one asks for them.
 */
import type { ChatWrapper, ContextState, LlamaModel, LlamaText } from './llama-types.ts'

export interface Mark {
  readonly text: string
  /**
   * What begins after it; `same` goes on with what was before, `end` ends the answer, after `call` comes the name of a tool,
   * after `form` an answer that has one.
   */
  readonly begins: 'thought' | 'answer' | 'same' | 'end' | 'call' | 'form'
}

export interface Marks {
  readonly list: readonly Mark[]
  /** The answer begins in the middle of a thought: the prompt has opened it, or ends with these words. */
  readonly thinking: boolean
  readonly opening: LlamaText | undefined
  /** Some are control tokens. */
  readonly control: boolean
}

export interface MarksOptions {
  /** Stop words of the request. */
  readonly stops: readonly string[]
  /** What calls of tools begin with; none where no tool is offered. */
  readonly calls: readonly string[]
  /** The answer has begun before. */
  readonly goesOn: boolean
}

export function marksOf(
  { model, wrapper }: { model: LlamaModel; wrapper: ChatWrapper },
  state: ContextState,
  { stops, calls, goesOn }: MarksOptions,
): Marks {
  const { thought, comment, closeAllSegments } = wrapper.settings.segments ?? {}
  const prefix = thought?.prefix
  const openedByPrompt = typeof prefix === 'object' && 'type' in prefix && prefix.type === 'openedOnStart'
  const opening = openedByPrompt || !prefix ? undefined : (prefix as string | LlamaText)
  const openedNow = openedByPrompt ? !goesOn || prefix.afterFunctionCalls === true : endsWith(state.contextText, opening)
  const own = [
    mark(openedByPrompt ? '<think>' : prefix, 'thought'),
    mark(thought && (thought.suffix ?? '</think>'), 'answer'),
    mark(comment?.prefix, 'thought'),
    mark(comment?.suffix, 'answer'),
    mark(closeAllSegments, 'answer'),
    ...turnsOf(state),
    ...calls.map((text) => mark(text, 'call', true)),
  ].flat()
  const ends = [...state.stopGenerationTriggers.filter(isPlain).map(String), ...stops].map((text) => mark(text, 'end', true))
  const opens = !openedNow && !goesOn && thought?.openOnResponseStart === true && typeof opening === 'object'
  return {
    list: [...own, ...ends.flat()],
    thinking: openedNow || opens,
    opening: opens ? opening : undefined,
    control: own.some(({ text }) => isControl(model, text)),
  }
}

/** Some templates open a thought without a word of it in what the package found out. */
function endsWith(prompt: LlamaText, prefix: string | LlamaText | undefined): boolean {
  const words = String(prefix ?? '').trim()
  return words !== '' && String(prompt).trimEnd().endsWith(words)
}

/** Families whose answers have several parts: each begins as the prompt ends, and names what it is. */
function turnsOf({ contextText, prefixTriggers = [], rerender }: ContextState): Mark[] {
  if (!rerender) return []
  const answers = prefixTriggers.filter((one) => one.type === 'response')
  return [
    ...mark(contextText.values.at(-1), 'same'),
    ...answers.flatMap(({ triggers, inject }) => triggers.flatMap((trigger) => mark(`${trigger}${inject ?? ''}`, 'answer'))),
  ]
}

/** Models differ in the line breaks around a mark; of a stop word every character counts. */
function mark(text: unknown, begins: Mark['begins'], exact = false): Mark[] {
  const words = exact ? String(text ?? '') : String(text ?? '').replace(/^\n+|\n+$/g, '')
  return words === '' ? [] : [{ text: words, begins }]
}

const isPlain = ({ values }: LlamaText): boolean => values.length > 0 && values.every((value) => typeof value === 'string')

const isControl = (model: LlamaModel, text: string): boolean => !model.detokenize(model.tokenize(text, true), false, []).includes(text)
