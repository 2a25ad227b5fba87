import type { ServerResponse } from 'node:http'

/** No faster than it is read. */
export async function writeSlowly(response: ServerResponse, text: string): Promise<void> {
  if (response.write(text) || response.destroyed) return
  await new Promise<void>((resolve) => {
    response.once('drain', resolve)
    response.once('close', resolve)
  })
}
