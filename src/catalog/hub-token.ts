/** The token of the Hub: of a variable, else of the file of `hf auth login`, read when it is needed. */
import { open } from 'node:fs/promises'
import { hubSecret } from '../contract/index.ts'

export interface HubTokenOptions {
  readonly token?: string | undefined
  readonly tokenFile?: string | undefined
}

const maxBytes = 1024

/** What is there but is no token counts as none. */
export function hubToken({ token, tokenFile }: HubTokenOptions): () => Promise<string | undefined> {
  return async () => {
    if (token !== undefined || tokenFile === undefined) return token
    const text = (await beginningOf(tokenFile)).trim()
    return hubSecret.safeParse(text).data
  }
}

async function beginningOf(path: string): Promise<string> {
  try {
    await using file = await open(path)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(maxBytes), 0, maxBytes, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } catch {
    return ''
  }
}
