/**
 * An answer as it is written: the tokens of the prompt and of the answer so far, in one sequence. The model adds to it, under
 * a grammar or freely; so do we, where a form leaves no choice; and what a form does not allow is taken back.
 *
 * The package has a chat of its own that does all this. It cannot be held up by a reader who pauses, shortens a history in
 * silence to make it fit, and knows no call that has to be made: hence this.
 */
import type { ChatModel } from './child-load.ts'
import { keepCommon, type Prompt, readPrompt } from './child-prompt.ts'
import { Refused } from './child-work.ts'
import type { Grammar, LlamaText, Sampling, Sequence, Token } from './llama-types.ts'
import type { ChatOptions } from './messages.ts'

export interface Writing {
  /** Token by token as the model writes; every one is in the answer already. Leaving it takes nothing back. */
  generate(grammar?: Grammar): AsyncGenerator<Token>
  /** Why the last `generate` ended by itself. */
  readonly over: 'stop' | 'length' | 'aborted' | undefined
  /** Of prompt and answer. */
  readonly length: number
  add(text: LlamaText): void
  /** The answer ends with this text no more. */
  takeBack(text: string): void
  /** Only so many tokens are left. */
  cutTo(length: number): void
  /** The text of the tokens from there on. */
  textFrom(length: number): string
  /** The tokens before the next one: whether a blank belongs to that depends on them. */
  last(): Token[]
  usage(): { promptTokens: number; completionTokens: number; cachedTokens: number }
}

export interface WritingOptions {
  readonly loaded: ChatModel
  readonly sequence: Sequence
  readonly prompt: Prompt
  readonly options: ChatOptions
  readonly aborted: () => boolean
}

const penalizedTokens = 64

export function createWriting({ loaded, sequence, prompt, options, aborted }: WritingOptions): Writing {
  const { model, engine, contextLength } = loaded
  const tokens = [...prompt.tokens]
  const promptTokens = tokens.length
  const limit = Math.min(contextLength, promptTokens + (options.maxTokens ?? Number.POSITIVE_INFINITY))
  const sampling = samplingOf(options, () => tokens.slice(promptTokens).slice(-penalizedTokens))
  let over: Writing['over']
  let cached: number | undefined
  const textFrom = (length: number): string =>
    model.detokenize(tokens.slice(length), prompt.marks.control, tokens.slice(Math.max(0, length - 8), length))

  return {
    async *generate(grammar) {
      over = tokens.length >= limit ? 'length' : undefined
      if (over) return
      const kept = await keepCommon(sequence, tokens)
      cached ??= kept
      const rest = await readPrompt(sequence, tokens, aborted)
      over = rest ? undefined : 'aborted'
      if (!rest) return
      const form = grammar ? { grammarEvaluationState: new engine.LlamaGrammarEvaluationState({ model, grammar }) } : {}
      for await (const token of sequence.evaluate(rest, { ...sampling, ...form, yieldEogToken: true })) {
        if (aborted()) over = 'aborted'
        else if (model.isEogToken(token)) over = 'stop'
        if (over) return
        tokens.push(token)
        yield token
        if (aborted()) over = 'aborted'
        else if (tokens.length >= limit) over = 'length'
        if (over) return
      }
    },
    get over() {
      return over
    },
    get length() {
      return tokens.length
    },
    add: (text) => void tokens.push(...text.tokenize(model.tokenizer, 'trimLeadingSpace')),
    takeBack(text) {
      if (text === '') return
      let from = tokens.length
      while (from > promptTokens && textFrom(from).length < text.length) from -= 1
      const kept = textFrom(from).slice(0, -text.length)
      tokens.length = from
      if (kept !== '') tokens.push(...model.tokenize(kept, false))
    },
    cutTo(length) {
      tokens.length = length
    },
    textFrom,
    last: () => tokens.slice(-8),
    usage: () => ({
      promptTokens,
      completionTokens: Math.min(tokens.length, limit) - promptTokens,
      cachedTokens: Math.min(cached ?? 0, promptTokens),
    }),
  }
}

function samplingOf(options: ChatOptions, lastTokens: () => Token[]): Sampling {
  const { temperature, topP, topK, minP, seed, repeatPenalty: penalty, frequencyPenalty, presencePenalty } = options
  const penalized = penalty !== undefined || frequencyPenalty !== undefined || presencePenalty !== undefined
  return {
    temperature: temperature ?? 0.8,
    ...(topP !== undefined && { topP }),
    ...(topK !== undefined && { topK }),
    ...(minP !== undefined && { minP }),
    ...(seed !== undefined && { seed }),
    ...(penalized && {
      repeatPenalty: {
        punishTokens: lastTokens,
        penalty: penalty ?? 1,
        ...(frequencyPenalty !== undefined && { frequencyPenalty }),
        ...(presencePenalty !== undefined && { presencePenalty }),
      },
    }),
  }
}

export async function compile({ llama }: ChatModel, grammar: string, field: string): Promise<Grammar> {
  try {
    return await llama.createGrammar({ grammar })
  } catch (error) {
    throw new Refused(field, `the engine makes no grammar of it: ${error instanceof Error ? error.message : String(error)}`)
  }
}
