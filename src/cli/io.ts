import type { Readable, Writable } from 'node:stream'
import picocolors from 'picocolors'
import { visible } from './visible.ts'

export type Colors = ReturnType<typeof picocolors.createColors>

/** Where a command writes: data to standard output, everything else to standard error. */
export interface Io {
  readonly json: boolean
  /** Somebody sits at both ends: questions may be asked. */
  readonly interactive: boolean
  /** Standard error is a terminal: a line may be written over. */
  readonly live: boolean
  /** Of standard error. */
  readonly columns: number
  readonly color: Colors
  readonly errColor: Colors
  out(text: string): void
  /** One JSON document (or one of a stream) on a line of its own. */
  document(value: unknown): void
  /** A line for the person, made safe. */
  note(text: string): void
  /** Raw text for the person, such as a line that is written over. */
  err(text: string): void
  /** Asks for a yes; false for anything else. Only where it is `interactive`. */
  confirm(question: string, signal: AbortSignal): Promise<boolean>
}

export interface Streams {
  readonly stdin: { readonly isTTY?: boolean }
  readonly stdout: { readonly isTTY?: boolean; write(text: string): unknown }
  readonly stderr: { readonly isTTY?: boolean; readonly columns?: number; write(text: string): unknown }
}

export function ioOf(streams: Streams, env: NodeJS.ProcessEnv, json: boolean): Io {
  const colored = (stream: { isTTY?: boolean }): boolean => stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb'
  return {
    json,
    interactive: streams.stdin.isTTY === true && streams.stdout.isTTY === true && !json,
    live: streams.stderr.isTTY === true && env.TERM !== 'dumb',
    get columns() {
      // A terminal that does not know says 0.
      return streams.stderr.columns || 80
    },
    color: picocolors.createColors(colored(streams.stdout)),
    errColor: picocolors.createColors(colored(streams.stderr)),
    out: (text) => void streams.stdout.write(text),
    document: (value) => void streams.stdout.write(`${JSON.stringify(value)}\n`),
    note: (text) => void streams.stderr.write(`${text.split('\n').map(visible).join('\n')}\n`),
    err: (text) => void streams.stderr.write(text),
    async confirm(question, signal) {
      const { confirm, isCancel } = await import('@clack/prompts')
      const ends = { input: streams.stdin as Readable, output: streams.stderr as Writable }
      const said = await confirm({ message: visible(question), initialValue: false, signal, ...ends })
      return !isCancel(said) && said
    },
  }
}
