/** Three dialects as their clients know them: how a chat is asked, and what an answer says, told by nothing but its bytes. */

export interface Said {
  readonly text: string
  /** It ended with an error in the words of its dialect. */
  readonly error?: { readonly code?: string | undefined; readonly message: string } | undefined
  /** As the answer itself counts them. */
  readonly tokens?: number | undefined
  /** Model and epoch by a line that clients skip. */
  readonly comment?: string | undefined
}

export interface SoakDialect {
  readonly path: string
  body(model: string, tokens: number, stream: boolean, prompt: string): Record<string, unknown>
  /** Throws a text where this is no whole answer of the dialect. */
  stream(text: string): Said
  whole(value: Fields): Said
  error(value: Fields): Said['error']
}

/** What is read of any answer, event or line, in whichever dialect. */
interface Fields {
  readonly type?: string
  readonly choices?: readonly { readonly delta?: { readonly content?: string | null }; readonly message?: { readonly content: string } }[]
  readonly usage?: { readonly completion_tokens?: number; readonly output_tokens?: number }
  readonly delta?: { readonly text?: string }
  readonly content?: readonly { readonly text?: string }[]
  readonly message?: { readonly content?: string }
  readonly response?: string
  readonly done?: boolean
  readonly eval_count?: number
  readonly error?: string | { readonly code?: string; readonly message?: string; readonly details?: { readonly error_code?: string } }
}

const messages = (content: string) => [{ role: 'user', content }]

interface Read {
  text: string
  tokens?: number | undefined
  error?: Said['error']
}

interface Reader {
  readonly isEnd: (event: Fields | '[DONE]') => boolean
  readonly errorOf: (event: Fields) => Said['error']
  readonly add: (read: Read, event: Fields) => void
}

/**
 * Events in order: something, then exactly one end: the mark or an error, with nothing after it. What an engine broke off
 * may stand before the error that says so.
 */
function readAll(all: readonly Event[], { isEnd, errorOf, add }: Reader): Read {
  const read: Read = { text: '' }
  const brokenAt = all.indexOf('broken')
  if (brokenAt >= 0 && brokenAt !== all.length - 2) throw new Error('something in it is no JSON')
  const events = all.filter((event) => event !== 'broken')
  events.forEach((event, at) => {
    const error = event === '[DONE]' ? undefined : errorOf(event)
    if (error) read.error = error
    if ((error !== undefined || isEnd(event)) !== (at === events.length - 1)) throw new Error('its end is not where it ends')
    if (event !== '[DONE]' && !error) add(read, event)
  })
  if (events.length === 0) throw new Error('there is nothing in it')
  if (brokenAt >= 0 && !read.error) throw new Error('it broke off, and nobody said so')
  return read
}

type Event = Fields | '[DONE]' | 'broken'

function parse(data: string): Event {
  if (data === '[DONE]') return data
  try {
    return JSON.parse(data) as Fields
  } catch {
    return 'broken'
  }
}

function events(text: string): { data: Event[]; comment: string | undefined } {
  if (!text.endsWith('\n\n')) throw new Error('it ends inside an event')
  const blocks = text.split('\n\n').filter((block) => block !== '')
  const data = blocks.flatMap((block) =>
    block.split('\n').flatMap((line) => (line.startsWith('data:') ? [parse(line.slice(5).trim())] : [])),
  )
  return { data, comment: /^: (model=.*)$/m.exec(text)?.[1] }
}

const openaiError = ({ error }: Fields): Said['error'] =>
  typeof error === 'object' ? { code: error.code, message: error.message ?? '' } : undefined
const anthropicError = ({ type, error }: Fields): Said['error'] =>
  type === 'error' && typeof error === 'object' ? { code: error.details?.error_code, message: error.message ?? '' } : undefined
const ollamaError = ({ error }: Fields): Said['error'] => (typeof error === 'string' ? { message: error } : undefined)

const openai: SoakDialect = {
  path: '/v1/chat/completions',
  body: (model, tokens, stream, prompt) => ({ model, stream, max_tokens: tokens, messages: messages(prompt) }),
  stream(text) {
    const { data, comment } = events(text)
    const read = readAll(data, {
      isEnd: (event) => event === '[DONE]',
      errorOf: openaiError,
      add: (sum, event) => {
        sum.text += event.choices?.[0]?.delta?.content ?? ''
      },
    })
    return { ...read, comment }
  },
  whole: ({ choices, usage }) => ({ text: choices?.[0]?.message?.content ?? '', tokens: usage?.completion_tokens }),
  error: openaiError,
}

const anthropic: SoakDialect = {
  path: '/v1/messages',
  body: (model, tokens, stream, prompt) => ({ model, stream, max_tokens: tokens, messages: messages(prompt) }),
  stream(text) {
    const { data, comment } = events(text)
    const read = readAll(
      data.filter((event) => typeof event === 'string' || event.type !== 'ping'),
      {
        isEnd: (event) => event !== '[DONE]' && event.type === 'message_stop',
        errorOf: anthropicError,
        add: (sum, event) => {
          sum.text += event.delta?.text ?? ''
          if (event.type === 'message_delta') sum.tokens = event.usage?.output_tokens
        },
      },
    )
    return { ...read, comment }
  },
  whole: ({ content = [], usage }) => ({ text: content.map(({ text = '' }) => text).join(''), tokens: usage?.output_tokens }),
  error: anthropicError,
}

const lines = (text: string): Event[] => {
  if (!text.endsWith('\n')) throw new Error('it ends inside a line')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map(parse)
}

const ollama = (path: string, asked: (prompt: string) => object, textOf: (event: Fields) => string): SoakDialect => ({
  path,
  body: (model, tokens, stream, prompt) => ({ model, stream, options: { num_predict: tokens }, ...asked(prompt) }),
  stream: (text) =>
    readAll(lines(text), {
      isEnd: (event) => event !== '[DONE]' && event.done === true,
      errorOf: ollamaError,
      add: (sum, event) => {
        sum.text += textOf(event)
        if (event.done) sum.tokens = event.eval_count
      },
    }),
  whole: (value) => ({ text: textOf(value), tokens: value.eval_count }),
  error: ollamaError,
})

export const dialects: readonly SoakDialect[] = [
  openai,
  anthropic,
  ollama(
    '/api/chat',
    (prompt) => ({ messages: messages(prompt) }),
    (event) => event.message?.content ?? '',
  ),
  ollama(
    '/api/generate',
    (prompt) => ({ prompt }),
    (event) => event.response ?? '',
  ),
]
