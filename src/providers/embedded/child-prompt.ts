/** The prompt inside the child: rendered by the model's own template, and computed in pieces that an abort can end. */
import { type CallSyntax, callSyntaxOf } from './child-call-syntax.ts'
import type { ChatModel } from './child-load.ts'
import { type Marks, marksOf } from './child-marks.ts'
import type { ChatWrapper, ContextState, HistoryItem, LlamaText, Sequence, Token } from './llama-types.ts'
import type { ChatOptions } from './messages.ts'

export interface Prompt {
  readonly tokens: Token[]
  readonly marks: Marks
  readonly syntax: CallSyntax | undefined
  /** What ends thoughts and begins an answer. */
  readonly afterThoughts: LlamaText
}

export interface Asked {
  readonly history: readonly HistoryItem[]
  readonly options: ChatOptions
}

export function promptOf(loaded: ChatModel, { history, options }: Asked): Prompt {
  const { wrapper, model } = loaded
  const state = stateOf(wrapper, { history, options })
  const syntax = options.calls && callSyntaxOf(loaded, state)
  const goesOn = startsWithin(history)
  const marks = marksOf(loaded, state, { stops: options.stop ?? [], calls: syntax?.starts ?? [], goesOn })
  const { opening, thinking } = openingOf(loaded, { state, marks, options })
  return {
    tokens: [...state.contextText.tokenize(model.tokenizer), ...(opening?.tokenize(model.tokenizer, 'trimLeadingSpace') ?? [])],
    marks: { ...marks, thinking },
    syntax,
    afterThoughts: afterThoughtsOf(loaded, state),
  }
}

/** Rendered at once: nobody else sets a degree meanwhile. */
function stateOf(wrapper: ChatWrapper, { history, options: { calls, reasoning } }: Asked): ContextState {
  const thinks = wrapper.settings.segments?.thought !== undefined
  const chatHistory = thinks ? history : history.map(withoutThoughts)
  const functions = calls?.tools.map(
    ({ name, description, parameters }) => [name, { ...(description !== undefined && { description }), params: parameters }] as const,
  )
  const usual = wrapper.reasoningEffort
  const wanted = reasoning === false ? 'low' : typeof reasoning === 'string' ? reasoning : usual
  if (usual !== undefined && wanted !== undefined) wrapper.reasoningEffort = wanted
  try {
    return wrapper.generateContextState({
      chatHistory,
      ...(functions && { availableFunctions: Object.fromEntries(functions), documentFunctionParams: true }),
    })
  } finally {
    if (usual !== undefined) wrapper.reasoningEffort = usual
  }
}

const withoutThoughts = (item: HistoryItem): HistoryItem =>
  item.type === 'model' ? { ...item, response: item.response.filter((one) => typeof one === 'string' || one.type !== 'segment') } : item

/** The answer goes on after the result of a call. */
const startsWithin = (history: readonly HistoryItem[]): boolean => {
  const last = history.at(-1)
  return last?.type === 'model' && last.response.length > 0
}

interface Opening {
  readonly opening: LlamaText | undefined
  readonly thinking: boolean
}

/**
 * What the answer begins with, as if the model had written it. Where no thoughts are wanted, an empty one, as models are taught
 * it. So it is where the answer has a form, unless thoughts are asked for: a form holds from the first letter, hence they are
 * opened then, and the form begins where they end.
 */
function openingOf(loaded: ChatModel, { state, marks, options }: { state: ContextState; marks: Marks; options: ChatOptions }): Opening {
  const { calls, grammar, reasoning } = options
  const forced = calls?.forced === true
  const usual: Opening = { opening: marks.opening, thinking: marks.thinking }
  if (!forced && grammar === undefined && reasoning !== false) return usual
  const thoughts = thoughtsOf(loaded, state)
  if (!forced && reasoning && marks.thinking) return usual
  if (!forced && reasoning && thoughts) return { opening: loaded.engine.LlamaText([thoughts]), thinking: true }
  const answer = answerStartOf(loaded, state)
  if (answer) return { opening: forced ? undefined : answer, thinking: false }
  const { thought } = loaded.wrapper.settings.segments ?? {}
  if (!thought?.prefix) return { opening: undefined, thinking: false }
  const opened = marks.thinking && !marks.opening
  if (!opened && typeof thought.prefix === 'object' && 'type' in thought.prefix) return { opening: undefined, thinking: false }
  return { opening: loaded.engine.LlamaText([opened ? '' : thought.prefix, thought.suffix ?? '</think>', '\n\n']), thinking: false }
}

/** The words that open thoughts; undefined where there are none or only the prompt opens them. */
function thoughtsOf({ wrapper }: ChatModel, { prefixTriggers = [] }: ContextState): string | LlamaText | undefined {
  const named = prefixTriggers.find((one) => one.type === 'segment' && one.segmentType === 'thought')
  const prefix = named?.triggers[0] ?? wrapper.settings.segments?.thought?.prefix
  return typeof prefix === 'object' && 'type' in prefix ? undefined : prefix
}

/** Only in families whose answers have several parts. */
function answerStartOf({ engine }: ChatModel, { prefixTriggers = [], noPrefixTrigger }: ContextState): LlamaText | undefined {
  const named = prefixTriggers.find((one) => one.type === 'response')
  if (named) return engine.LlamaText([named.triggers[0] ?? '', named.inject ?? ''])
  return noPrefixTrigger?.type === 'response' ? noPrefixTrigger.inject : undefined
}

/** Where an answer has several parts, each begins as the prompt ends, which is with the end of the one before. */
function afterThoughtsOf(loaded: ChatModel, state: ContextState): LlamaText {
  const suffix = loaded.wrapper.settings.segments?.thought?.suffix ?? '</think>'
  const answer = answerStartOf(loaded, state)
  if (!answer) return loaded.engine.LlamaText([suffix, '\n\n'])
  return loaded.engine.LlamaText([state.rerender ? (state.contextText.values.at(-1) ?? '') : suffix, answer])
}

/** llama.cpp cannot be interrupted within a piece: as many tokens as this machine computes in half of this time. */
const pieceMs = 150
const firstPiece = 32
const [smallestPiece, largestPiece] = [8, 512]

/** Computes all of the tokens but the last; those are given back. Undefined when nobody wants it any more. */
export async function readPrompt(sequence: Sequence, tokens: Token[], aborted: () => boolean): Promise<Token[] | undefined> {
  let piece = firstPiece
  while (tokens.length - sequence.nextTokenIndex > piece) {
    if (aborted()) return undefined
    const from = sequence.nextTokenIndex
    const before = performance.now()
    await sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(from, from + piece))
    const took = performance.now() - before
    if (took < pieceMs / 2) piece = Math.min(largestPiece, piece * 2)
    else if (took > pieceMs) piece = Math.max(smallestPiece, Math.floor(piece / 2))
  }
  return aborted() ? undefined : tokens.slice(sequence.nextTokenIndex)
}

/** Keeps what is computed already of a common beginning, and says how many tokens that are. */
export async function keepCommon(sequence: Sequence, tokens: Token[]): Promise<number> {
  await sequence.adaptStateToTokens(tokens, false)
  // At least one token has to be evaluated to know what comes after it.
  if (sequence.nextTokenIndex >= tokens.length)
    await sequence.eraseContextTokenRanges([{ start: tokens.length - 1, end: sequence.nextTokenIndex }])
  return sequence.nextTokenIndex
}
