/** Killed with -9 five times on the way, at a sixth of the file each: what was sent for it in all. */
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { headerBytes, recordBytes } from '../../src/downloads/journal.ts'
import { type Figure, megabytes } from '../table.ts'
import type { Served } from './nginx.ts'
import { ours, startOurs } from './ours.ts'

const kills = 5
const connections = 8

export async function killed(program: string, source: Served): Promise<Figure[]> {
  await source.sent()
  for (let kill = 1; kill <= kills; kill += 1) await killedAt((source.bytes * kill) / (kills + 1), program, source)
  const { durableMs } = await ours({ program, connections }, source)
  const sent = await source.sent()
  const limit = 1.02 * source.bytes + connections * 2 ** 20
  return [
    {
      what: `bytes fetched when killed (-9) ${kills} times during one download of ${megabytes(source.bytes)}`,
      measured: `${(sent / source.bytes).toFixed(4)} × size`,
      peer: `the last of ${kills + 1} runs took ${Math.round(durableMs)} ms, what lay there hashed again`,
      limit: '1.02 × size + 1 MiB per connection',
      share: sent / limit,
    },
  ]
}

/** The journal grows by a record for each block. */
async function killedAt(bytes: number, program: string, source: Served): Promise<void> {
  const child = startOurs({ program, connections }, source)
  const gone = once(child, 'exit')
  const records = bytes / 2 ** 20
  while (child.exitCode === null && (await recordsIn(source)) < records) await new Promise((resolve) => setTimeout(resolve, 5))
  child.kill('SIGKILL')
  await gone
}

async function recordsIn({ folder, sha256 }: Served): Promise<number> {
  const file = await open(join(folder, `${sha256}.part.journal`)).catch(() => undefined)
  if (!file) return 0
  const { size } = await file.stat()
  await file.close()
  return Math.max(0, size - headerBytes) / recordBytes
}
