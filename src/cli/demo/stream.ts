/** An app that asks without a pause, and watches over what it gets. */
import type { Client } from '../../client/index.ts'
import { demoModels } from './demo-models.ts'

export interface Stream {
  /** Whole answers so far. */
  readonly answers: number
  /** Whose name the newest answer says. */
  readonly latest: string | undefined
  /** What was not as it must be, in words. */
  readonly faults: readonly string[]
  reaches(answers: number): Promise<void>
  sees(name: string): Promise<void>
  stop(): Promise<void>
}

const tokens = 15

export function startStream(client: Client, signal: AbortSignal): Stream {
  const faults: string[] = []
  const waiting = new Set<() => void>()
  let answers = 0
  let latest: string | undefined
  let stopped = false

  const ask = async (): Promise<void> => {
    while (!stopped && !signal.aborted) {
      try {
        const { model, text } = await client
          .chat()
          .complete({ messages: [{ role: 'user', content: 'Who are you?' }], maxTokens: tokens, signal })
        latest = whoSaid(text)
        if (latest === undefined || !model.endsWith(`/${latest}`)) faults.push(`an answer of ${model} said "${text}"`)
        answers += 1
      } catch (error) {
        faults.push(`a request failed: ${error instanceof Error ? error.message : String(error)}`)
      }
      for (const look of [...waiting]) look()
    }
    for (const look of [...waiting]) look()
  }

  const until = (what: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!what() && !stopped && !signal.aborted && faults.length === 0) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
    })

  const running = ask()
  return {
    get answers() {
      return answers
    },
    get latest() {
      return latest
    },
    faults,
    reaches: (count) => until(() => answers >= count),
    sees: (name) => until(() => latest === name),
    async stop() {
      stopped = true
      await running
    },
  }
}

/** The model whose name the whole answer consists of: a mixture belongs to nobody. */
function whoSaid(text: string): string | undefined {
  const names = [demoModels.first.name, demoModels.second.name]
  return names.find((name) => text !== '' && name.repeat(tokens).startsWith(text.trim()))
}
