/**
 * Calls of tools, each in three steps: a name out of those that are offered, the words of the family's syntax by us,
 * arguments under the grammar of the tool's schema. So a call is valid whatever model writes it.
 */
import { randomUUID } from 'node:crypto'
import type { CallSyntax } from './child-call-syntax.ts'
import type { Finish, Job } from './child-job.ts'
import { createTextCutter } from './child-text.ts'
import { compile } from './child-writing.ts'
import { grammarText, literal } from './grammar/parts.ts'
import type { CallOptions } from './messages.ts'

/** A model that calls without end is stopped. */
const mostCalls = 64

interface Calling extends Job {
  readonly syntax: CallSyntax
  readonly calls: CallOptions
}

/** `begun`: the model has written what stands before the first name. */
export async function writeCalls(job: Job, { begun }: { begun: boolean }): Promise<Finish> {
  const { prompt, request, writing } = job
  const { calls } = request.options
  if (!calls || !prompt.syntax) throw new Error('This model knows no calls of tools.')
  const calling: Calling = { ...job, calls, syntax: prompt.syntax }
  if (!begun) writing.add(prompt.syntax.start)
  for (let index = 0; index < mostCalls; index += 1) {
    const ended = await writeCall(calling, index)
    if (ended !== 'tool_calls') return ended
    if (!calls.several || !(await anotherFollows(calling))) break
  }
  return writing.over === 'aborted' ? undefined : 'tool_calls'
}

async function writeCall(calling: Calling, index: number): Promise<Finish> {
  const { writing, request, syntax, say } = calling
  const name = await chooseName(calling)
  if (name === undefined) return writing.over === 'aborted' ? undefined : 'length'
  await say({ type: 'call', id: request.id, index, callId: `call_${randomUUID().replaceAll('-', '')}`, name })
  writing.add(calling.loaded.engine.LlamaText([name, syntax.beforeArguments(name)]))
  const ended = await writeArguments(calling, { name, index })
  if (ended === 'tool_calls') writing.add(syntax.afterArguments(name))
  return ended
}

/** One letter more than needed tells a name from one that begins like it. Undefined when there is no room or no wish. */
async function chooseName({ loaded, writing, calls: { names }, syntax }: Calling): Promise<string | undefined> {
  if (names.length === 1) return names[0]
  const after = [...String(syntax.beforeArguments(''))][0] ?? ''
  const root = `(${names.map(literal).join(' | ')}) ${after === '' ? '' : `${JSON.stringify(after)}?`}`
  const grammar = await compile(loaded, grammarText(root), 'tools')
  const from = writing.length
  for await (const _ of writing.generate(grammar)) {
    if (possible(names, writing.textFrom(from)).length === 1) break
  }
  const text = writing.textFrom(from)
  writing.cutTo(from)
  const [only, ...others] = possible(names, text)
  if (others.length === 0) return only
  return writing.over === 'stop' ? names.find((name) => name === text) : undefined
}

/** Names that a text may be the beginning of, or goes beyond; of these the longest. */
function possible(names: readonly string[], text: string): string[] {
  const open = names.filter((name) => name.startsWith(text))
  if (open.length > 0) return open
  return names
    .filter((name) => text.startsWith(name))
    .sort((a, b) => b.length - a.length)
    .slice(0, 1)
}

async function writeArguments(calling: Calling, { name, index }: { name: string; index: number }): Promise<Finish> {
  const { loaded, writing, request, say, calls } = calling
  const at = calls.tools.findIndex((one) => one.name === name)
  const grammar = await compile(loaded, calls.tools[at]?.grammar ?? '', `tools[${at}].parameters`)
  const marks = { list: [], thinking: false, opening: undefined, control: false }
  const cutter = createTextCutter({ model: loaded.model, before: writing.last(), marks })
  const tell = async (pieces: ReturnType<typeof cutter.push>): Promise<void> => {
    for (const { text } of pieces) await say({ type: 'arguments', id: request.id, index, text })
  }
  for await (const token of writing.generate(grammar)) await tell(cutter.push(token))
  if (writing.over === 'aborted') return undefined
  await tell(cutter.end())
  return writing.over === 'stop' ? 'tool_calls' : 'length'
}

/** What the model writes after a call is either the beginning of another or nothing that anybody reads. */
async function anotherFollows({ writing, syntax: { next } }: Calling): Promise<boolean> {
  const from = writing.length
  const starts = next.filter((one) => one !== '')
  if (starts.length === 0) return false
  for await (const _ of writing.generate()) {
    const text = writing.textFrom(from).trimStart()
    const start = starts.find((one) => text.startsWith(one))
    if (start !== undefined) {
      writing.takeBack(text.slice(start.length))
      return true
    }
    if (!starts.some((one) => one.startsWith(text))) break
  }
  writing.cutTo(from)
  return false
}
