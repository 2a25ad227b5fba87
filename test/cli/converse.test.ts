import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { converse } from '../../src/cli/converse.ts'
import { ioOf } from '../../src/cli/io.ts'
import type { ChatPart, Client } from '../../src/client/index.ts'
import { type ChatRequest, ModelyardError } from '../../src/contract/index.ts'

/** A conversation with a model that repeats what it hears, and fails when it hears "fail". */
function conversation() {
  const said = { out: '', err: '' }
  const asked: ChatRequest['messages'][] = []
  async function* stream({ messages }: ChatRequest): AsyncGenerator<ChatPart, void, void> {
    asked.push([...messages])
    const text = String(messages.at(-1)?.content)
    if (text === 'fail') throw new ModelyardError('provider_error', 'The runner died.')
    yield { type: 'start', model: 'tiny/a' }
    yield { type: 'delta', text: `You said ${text}.` }
    yield { type: 'end', finishReason: 'stop' }
  }
  const write = (to: 'out' | 'err') => (text: string) => {
    said[to] += text
  }
  const io = ioOf({ stdin: {}, stdout: { write: write('out') }, stderr: { write: write('err') } }, {}, false)
  const input = new PassThrough()
  const client = { chat: () => ({ stream }) } as unknown as Client
  const ended = converse({ io, client, model: undefined, input, output: new PassThrough() })
  return { said, asked, input, ended }
}

describe('a conversation', () => {
  it('remembers what was said, and ends at /bye', async () => {
    const { said, asked, input, ended } = conversation()
    input.write('one\n\ntwo\n/bye\nthree\n')
    expect(await ended).toBe(0)
    expect(said.out).toBe('You said one.\nYou said two.\n')
    expect(asked.map((messages) => messages.map(({ content }) => content))).toEqual([['one'], ['one', 'You said one.', 'two']])
  })

  it('goes on after an answer that failed, without it', async () => {
    const { said, asked, input, ended } = conversation()
    input.end('fail\none\n')
    expect(await ended).toBe(0)
    expect(said.err).toContain('The runner died.')
    expect(asked.at(-1)).toEqual([{ role: 'user', content: 'one' }])
  })
})
