import type { Client } from '../../client/index.ts'
import type { ChatMessage } from '../../contract/index.ts'
import { ModelyardError } from '../../contract/index.ts'
import { answerTo } from '../answer-to.ts'
import type { CommandContext, RunCommand } from '../command-spec.ts'
import { connect } from '../connection.ts'
import { converse } from '../converse.ts'
import { wrongValue } from '../option-values.ts'

export const run: RunCommand = async (context) => {
  const { io, words, signal } = context
  await using connection = await connect(context, 'serve')
  const { model, prompt } = await readWords(connection.client, words, signal)
  const given = prompt ?? (process.stdin.isTTY ? undefined : await readStdin())
  if (given === undefined && io.interactive)
    return await converse({ io, client: connection.client, model, input: process.stdin, output: process.stderr })
  if (given === undefined || given.trim() === '') throw wrongValue('There is no prompt: give one, or write it to standard input.')
  const messages: ChatMessage[] = [{ role: 'user', content: given }]
  await answerTo(io, connection.client, { model, messages, signal })
  return 0
}

/** The first word is a model if it names one; else it belongs to the prompt. */
async function readWords(
  client: Client,
  words: CommandContext['words'],
  signal: AbortSignal,
): Promise<{ model?: string; prompt?: string }> {
  const [first, ...rest] = words
  if (first === undefined) return {}
  const model = await modelNamed(client, first, signal)
  const prompt = (model === undefined ? words : rest).join(' ')
  return { ...(model !== undefined && { model }), ...(prompt !== '' && { prompt }) }
}

/** An ambiguous name is still a name: that error is thrown, with its candidates. */
async function modelNamed(client: Client, word: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    return (await client.models.get(word, { signal })).ref
  } catch (error) {
    if (ModelyardError.is(error) && (error.code === 'model_not_found' || error.code === 'invalid_request')) return undefined
    throw error
  }
}

async function readStdin(): Promise<string> {
  process.stdin.setEncoding('utf8')
  let text = ''
  for await (const chunk of process.stdin) text += chunk
  return text
}
