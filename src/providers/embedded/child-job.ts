import type { ChatModel } from './child-load.ts'
import type { Prompt } from './child-prompt.ts'
import type { Writing } from './child-writing.ts'
import type { FromChild, Request } from './messages.ts'

/** An answer that is being written, and for whom. */
export interface Job {
  readonly loaded: ChatModel
  readonly request: Extract<Request, { type: 'chat' }>
  readonly prompt: Prompt
  readonly writing: Writing
  /** Waits for credit. */
  readonly say: (piece: FromChild) => Promise<void>
}

/** Undefined when nobody wants it any more. */
export type Finish = 'stop' | 'length' | 'tool_calls' | undefined
