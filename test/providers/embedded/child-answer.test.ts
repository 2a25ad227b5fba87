/** How an answer is put together, with a model that says what a test wants: a token is a character. */
import { describe, expect, it } from 'vitest'
import { orderOf } from '../../../src/providers/embedded/chat-order.ts'
import { writeAnswer } from '../../../src/providers/embedded/child-answer.ts'
import type { CallSyntax } from '../../../src/providers/embedded/child-call-syntax.ts'
import type { ChatModel } from '../../../src/providers/embedded/child-load.ts'
import type { Mark } from '../../../src/providers/embedded/child-marks.ts'
import { createWriting } from '../../../src/providers/embedded/child-writing.ts'
import type { LlamaText, Sequence, Token } from '../../../src/providers/embedded/llama-types.ts'
import type { FromChild } from '../../../src/providers/embedded/messages.ts'
import type { ProviderChatRequest } from '../../../src/providers/provider.ts'

const codes = (text: string): Token[] => [...text].map((one) => one.codePointAt(0) as Token)
const textOf = (tokens: readonly Token[]): string => String.fromCodePoint(...tokens.map(Number))
const llamaText = (value: string): LlamaText => ({
  values: [value],
  mapValues: () => llamaText(value),
  tokenize: () => codes(value),
  toString: () => value,
})
const endOfText = 0 as Token

const syntax: CallSyntax = {
  start: llamaText('<call>'),
  starts: ['<call>'],
  next: ['<call>'],
  beforeArguments: () => llamaText('('),
  afterArguments: () => llamaText(')'),
}
const tools = ['get', 'get_all'].map((name) => ({ name, parameters: { properties: {} } }))

interface Run {
  /** What the model says, each time it is asked to go on. */
  readonly says: readonly string[]
  readonly request?: Partial<ProviderChatRequest>
  readonly marks?: readonly Mark[]
  readonly thinking?: boolean
}

async function run({ says, request = {}, marks = [], thinking = false }: Run) {
  const script = [...says]
  const grammars: boolean[] = []
  let state: Token[] = []
  const sequence = {
    get nextTokenIndex() {
      return state.length
    },
    async adaptStateToTokens(tokens: Token[]) {
      const same = state.findIndex((one, index) => one !== tokens[index])
      state = state.slice(0, same === -1 ? tokens.length : same)
    },
    async eraseContextTokenRanges([range]: [{ start: number }]) {
      state.length = range.start
    },
    async evaluateWithoutGeneratingNewTokens(tokens: Token[]) {
      state.push(...tokens)
    },
    async *evaluate(tokens: Token[], { grammarEvaluationState }: { grammarEvaluationState?: unknown }) {
      grammars.push(grammarEvaluationState !== undefined)
      state.push(...tokens)
      for (const token of codes(script.shift() ?? '')) {
        yield token
        state.push(token)
      }
      yield endOfText
    },
  }
  const model = {
    tokenizer: undefined,
    tokenize: codes,
    detokenize: textOf,
    isEogToken: (token: Token) => token === endOfText,
  }
  const engine = { LlamaText: (values: unknown[]) => llamaText(values.join('')), LlamaGrammarEvaluationState: class {} }
  const loaded = { model, engine, llama: { createGrammar: async () => ({}) }, contextLength: 1000 } as unknown as ChatModel
  const { options, history } = orderOf({ messages: [{ role: 'user', content: 'x' }], ...request })
  const list: Mark[] = [...marks, ...(options.calls ? [{ text: '<call>', begins: 'call' as const }] : [])]
  const prompt = {
    tokens: codes('prompt:'),
    marks: { list, thinking, opening: undefined, control: false },
    syntax,
    afterThoughts: llamaText('</think>|'),
  }
  const writing = createWriting({ loaded, sequence: sequence as unknown as Sequence, prompt, options, aborted: () => false })
  const said: FromChild[] = []
  const finish = await writeAnswer({
    loaded,
    request: { type: 'chat', id: 1, history, options, credits: 1 },
    prompt,
    writing,
    say: async (one) => void said.push(one),
  })
  const shown = said.map((one) =>
    one.type === 'piece'
      ? one.thought
        ? `(${one.text})`
        : one.text
      : one.type === 'call'
        ? `[${one.name}]`
        : one.type === 'arguments'
          ? one.text
          : '',
  )
  return { finish, text: shown.join('').replaceAll(')(', ''), whole: writing.textFrom(0), grammars, usage: writing.usage() }
}

describe('an answer', () => {
  it('is text until a call begins; the name is one that is offered, and what stands around it is right', async () => {
    const { finish, text, whole, grammars } = await run({ says: ['I look. <call>', 'get_', '{}', ' bye'], request: { tools } })
    expect([finish, text, whole]).toEqual(['tool_calls', 'I look. [get_all]{}', 'prompt:I look. <call>get_all({})'])
    expect(grammars).toEqual([false, true, true, false])
  })

  it('tells a name from one that begins like it by what comes next, or by the end', async () => {
    expect((await run({ says: ['<call>', 'get(', '{}', ''], request: { tools } })).text).toBe('[get]{}')
    expect((await run({ says: ['<call>', 'get', '{}', ''], request: { tools } })).text).toBe('[get]{}')
  })

  it('has as many calls as the model makes, or one', async () => {
    const says = ['<call>', 'get(', '{}', '<call>', 'get_', '{}', 'no more']
    const several = await run({ says, request: { tools } })
    expect([several.text, several.whole]).toEqual(['[get]{}[get_all]{}', 'prompt:<call>get({})<call>get_all({})'])
    expect((await run({ says, request: { tools, parallelToolCalls: false } })).text).toBe('[get]{}')
  })

  it('is a call at once where it has to be, without a choice where there is none', async () => {
    const { text, whole, grammars } = await run({ says: ['{}', ''], request: { tools, toolChoice: { name: 'get' } } })
    expect([text, whole, grammars]).toEqual(['[get]{}', 'prompt:<call>get({})', [true, false]])
  })

  it('that has a form begins it where the thoughts end', async () => {
    const marks: Mark[] = [{ text: '</think>', begins: 'answer' }]
    const { finish, text, whole, grammars } = await run({
      says: ['hm</think>', '{}'],
      request: { format: { type: 'json' } },
      marks,
      thinking: true,
    })
    expect([finish, text, whole, grammars]).toEqual(['stop', '(h)(m){}'.replaceAll(')(', ''), 'prompt:hm</think>|{}', [false, true]])
  })

  it('ends where a limit is, wherever that is', async () => {
    const end = async (maxTokens: number) => {
      const { finish, usage } = await run({ says: ['ab<call>', 'get_', '{}', ''], request: { tools, maxTokens } })
      return [finish, usage.completionTokens]
    }
    expect([await end(2), await end(11), await end(18), await end(19)]).toEqual([
      ['length', 2],
      ['length', 8],
      ['length', 18],
      ['tool_calls', 19],
    ])
  })
})
