/** What an answer consists of: text and thoughts, a text of a form, calls of tools; and why it ended. */
import { writeCalls } from './child-calls.ts'
import type { Finish, Job } from './child-job.ts'
import { createTextCutter, type Piece } from './child-text.ts'
import { compile, type Writing } from './child-writing.ts'

export async function writeAnswer(job: Job): Promise<Finish> {
  const { loaded, request, prompt, writing } = job
  const { calls, grammar } = request.options
  if (grammar !== undefined) return prompt.marks.thinking ? writeThoughtsAndForm(job, grammar) : writeForm(job, grammar)
  if (calls?.forced) return writeCalls(job, { begun: false })
  const cutter = createTextCutter({ model: loaded.model, before: writing.last(), marks: prompt.marks })
  const ended = await writeText(job, { cutter, generated: writing.generate() })
  if (ended !== 'call') return finishOf(ended)
  writing.takeBack(cutter.rest)
  return writeCalls(job, { begun: true })
}

/** The thoughts are free, and end where the answer would begin. */
async function writeThoughtsAndForm(job: Job, grammar: string): Promise<Finish> {
  const { loaded, prompt, writing } = job
  const list = prompt.marks.list
    .filter(({ begins }) => begins !== 'same')
    .map((one) => (one.begins === 'answer' ? { ...one, begins: 'form' as const } : one))
  const cutter = createTextCutter({ model: loaded.model, before: writing.last(), marks: { ...prompt.marks, list } })
  const ended = await writeText(job, { cutter, generated: writing.generate() })
  if (ended !== 'form') return finishOf(ended)
  writing.takeBack(`${cutter.mark}${cutter.rest}`)
  writing.add(prompt.afterThoughts)
  return writeForm(job, grammar)
}

/** Text that is valid from its first letter to its last, unless it is cut by a limit or a stop word. */
async function writeForm(job: Job, grammar: string): Promise<Finish> {
  const { loaded, request, writing } = job
  const compiled = await compile(loaded, grammar, 'format.schema')
  const list = (request.options.stop ?? []).map((text) => ({ text, begins: 'end' as const }))
  const marks = { list, thinking: false, opening: undefined, control: false }
  const cutter = createTextCutter({ model: loaded.model, before: writing.last(), marks })
  return finishOf(await writeText(job, { cutter, generated: writing.generate(compiled) }))
}

type Ended = 'stop' | 'length' | 'call' | 'form' | undefined

const finishOf = (ended: Ended): Finish => (ended === 'call' || ended === 'form' ? 'stop' : ended)

interface Source {
  readonly cutter: ReturnType<typeof createTextCutter>
  readonly generated: ReturnType<Writing['generate']>
}

async function writeText({ request: { id }, writing, say }: Job, { cutter, generated }: Source): Promise<Ended> {
  const tell = async (pieces: readonly Piece[]): Promise<void> => {
    for (const piece of pieces) await say({ type: 'piece', id, ...piece })
  }
  for await (const token of generated) {
    await tell(cutter.push(token))
    if (cutter.stopped) break
  }
  if (writing.over === 'aborted') return undefined
  await tell(cutter.end())
  if (cutter.stopped === 'call' || cutter.stopped === 'form') return cutter.stopped
  return cutter.stopped || writing.over === 'stop' ? 'stop' : 'length'
}
