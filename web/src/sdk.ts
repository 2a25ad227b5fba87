/** What the page and the elements know of the rest of the project: the client, and the words of the contract. */

export { growingPauses } from '../../src/client/attempts.ts'
export { type FitInput, fitOf } from '../../src/client/fit.ts'
export type {
  Connection,
  ConnectionState,
  JobClient,
  RemoveOptions,
  SlotClient,
  Verbs,
} from '../../src/client/types.ts'
export { ModelyardError } from '../../src/contract/error.ts'
export type * from '../../src/contract/index.ts'
export { jobHasEnded } from '../../src/contract/job-state.ts'
export { knownQuantization } from '../../src/contract/known-quantization.ts'
export { mergeSamples } from '../../src/contract/merge-samples.ts'
export { redact } from '../../src/contract/redact.ts'
export { sourceText, writtenName, writtenSource } from '../../src/contract/written-source.ts'

import { refusal } from '../../src/client/errors.ts'
import { httpTransport } from '../../src/client/http-transport.ts'
import { socketTransport } from '../../src/client/socket-transport.ts'
import type { ClientOptions, Connection } from '../../src/client/types.ts'
import { verbsOver } from '../../src/client/verbs.ts'
import type { SessionDoor } from './session.ts'

/** All verbs over one WebSocket, which the first call makes. */
export function connectionTo(options: ClientOptions): Connection {
  const transport = socketTransport(options)
  return { ...verbsOver(transport), close: transport.close, [Symbol.asyncDispose]: transport.close }
}

/** What a page that has no token yet can ask, and how it gives one back. */
export function sessionDoor(url: string): SessionDoor {
  const ask = async (method: 'POST' | 'DELETE', token?: string, body?: object): Promise<unknown> => {
    const reply = await httpTransport({ url, token }).send({ method, path: '/yard/v1/session', body })
    if (reply.status >= 300) throw refusal(reply)
    return reply.body
  }
  return {
    exchange: async (code) => (await ask('POST', undefined, { code })) as { token: string; name: string },
    end: async (token) => void (await ask('DELETE', token)),
  }
}
