import { setTimeout as delay } from 'node:timers/promises'

/** How long the end of a body is waited for after the end mark. */
const lingerMs = 50

/** Reads on to the end of the body, which follows the end mark at once in most engines: the connection can be used again. */
export async function connectionEnd(chunks: AsyncIterator<Uint8Array>): Promise<void> {
  const drained = async (): Promise<void> => {
    while ((await chunks.next()).done !== true);
  }
  await Promise.race([drained().catch(() => undefined), delay(lingerMs, undefined, { ref: false })])
}
