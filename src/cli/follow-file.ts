import { open, stat } from 'node:fs/promises'
import { StringDecoder } from 'node:string_decoder'

const lookEveryMs = 250

export interface Following {
  readonly path: string
  /** In bytes. */
  readonly from: number
  readonly onLine: (line: string) => void
  readonly signal: AbortSignal
}

/** Each whole line after a place, until the signal aborts. A file that became shorter is read from its beginning. */
export async function followFile({ path, from, onLine, signal }: Following): Promise<void> {
  let place = from
  let decoder = new StringDecoder('utf8')
  let rest = ''
  while (!signal.aborted) {
    const size = await stat(path).then(
      (found) => found.size,
      () => place,
    )
    if (size < place) {
      place = 0
      rest = ''
      decoder = new StringDecoder('utf8')
    }
    if (size > place) {
      const lines = (rest + decoder.write(await readPart(path, place, size))).split('\n')
      rest = lines.pop() ?? ''
      place = size
      for (const line of lines) onLine(line)
    }
    await pause(signal)
  }
}

async function readPart(path: string, from: number, to: number): Promise<Buffer> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(to - from), 0, to - from, from)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, lookEveryMs)
    signal.addEventListener('abort', end, { once: true })
  })
}
