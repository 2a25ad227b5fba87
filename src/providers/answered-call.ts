/** What a call of a tool in an answer may be: engines and models are not trusted to keep within the contract. */
import { randomBytes } from 'node:crypto'

export const maxCalls = 1024

export const isToolName = (name: unknown): name is string => typeof name === 'string' && name.length > 0 && name.length <= 256

/** The engine's own where it is one; else made, so that no other call of the conversation has it. */
export const callId = (own: unknown, index: number): string =>
  typeof own === 'string' && /^[\x21-\x7e]{1,256}$/.test(own) ? own : `call_${randomBytes(6).toString('hex')}${index}`
