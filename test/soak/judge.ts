/** What one request came to: exactly one end, of the model that it says. Everything else is a fault, in words. */
import { tokenText } from '../../src/testing/index.ts'
import type { End } from './books.ts'
import type { Said, SoakDialect } from './dialects.ts'
import type { Reply } from './send.ts'

export interface Judging {
  readonly dialect: SoakDialect
  readonly reply: Reply
  readonly stream: boolean
  readonly tokens: number
  /** Is its token one that opens nothing any more? */
  readonly revoked: boolean
  /** Through a slot: who says to have answered. */
  readonly onServed?: ((epoch: string, ref: string) => void) | undefined
}

/** Throws a text. */
export function judge(judging: Judging): End {
  const { reply, revoked, stream, dialect } = judging
  if (reply.end === 'left') return { kind: 'left', begun: reply.begun }
  if (reply.end === 'broken') {
    if (revoked) return { kind: 'revoked', begun: reply.begun }
    // A document that has begun cannot say an error.
    if (!stream && reply.status === 200) return { kind: 'error', code: 'broken_off', counted: true }
    throw new Error(`the connection broke: ${reply.why}`)
  }
  if (reply.status !== 200) return refusal(judging)
  const said = stream ? dialect.stream(reply.text) : dialect.whole(JSON.parse(reply.text))
  return said.error ? { kind: 'error', code: said.error.code ?? 'inside', counted: true } : answer(judging, said)
}

function refusal({ dialect, reply }: Judging): End {
  const error = dialect.error(JSON.parse(reply.text))
  if (!error?.message) throw new Error(`${reply.status} without an error of its dialect`)
  if (reply.status === 503 && !/^\d+$/.test(String(reply.headers['retry-after']))) throw new Error('503 without Retry-After')
  if (reply.status >= 500 && /fault of ours/i.test(error.message)) throw new Error(error.message)
  return { kind: 'error', code: `${error.code ?? reply.status}`, counted: reply.status !== 401 }
}

function answer({ reply, tokens, onServed }: Judging, said: Said): End {
  const [, model = '', epoch = ''] = /^model=(\S+) epoch=(\d+)$/.exec(said.comment ?? '') ?? [
    '',
    reply.headers['x-modelyard-model'],
    reply.headers['x-modelyard-epoch'],
  ]
  const ref = decodeURI(String(model))
  if (ref === '') throw new Error('nobody says who answered')
  onServed?.(String(epoch), ref)
  if (ref.startsWith('embedded/')) checkName(ref.slice(ref.lastIndexOf('/') + 1), tokens, said.text)
  else checkText(ref.slice(ref.indexOf('/') + 1), tokens, said.text)
  return { kind: 'answer', model: ref, tokens: said.tokens ?? 0 }
}

/** All of it, in order, of this model. */
function checkText(model: string, tokens: number, text: string): void {
  const expected = Array.from({ length: tokens }, (_, index) => tokenText(model, index)).join('')
  if (text === expected) return
  const at = [...expected].findIndex((letter, index) => text[index] !== letter)
  throw new Error(
    `${tokens} tokens of ${model} were to come; from letter ${at} on came ${JSON.stringify(text.slice(Math.max(0, at - 20), at + 60))}`,
  )
}

/** A real model that says its own name again and again; its context may end before the answer does. */
function checkName(name: string, tokens: number, text: string): void {
  if (text === '' || text.length > tokens || !name.repeat(tokens).startsWith(text))
    throw new Error(`${name} was to say its name with ${tokens} tokens, and said ${JSON.stringify(text.slice(0, 200))}`)
}
