import type { ServerResponse } from 'node:http'
import { untilDrained } from './until-drained.ts'

/** No faster than it is read. */
export async function writeSlowly(response: ServerResponse, text: string): Promise<void> {
  response.write(text)
  await untilDrained(response)
}
