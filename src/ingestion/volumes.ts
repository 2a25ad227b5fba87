/** Is there room on every volume that will be written? */
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type JobPlan, ModelyardError } from '../contract/index.ts'
import { freeOf } from '../platform/hardware.ts'
import { sizeText } from '../util/size-text.ts'

export interface Need {
  /** A folder, there or still to be made. */
  readonly folder: string
  readonly bytes: number
}

type Volume = JobPlan['volumes'][number]

/** Kept free besides: 2 % of what is written, at least 64 MiB, at most 1 GiB. */
const reserveOf = (bytes: number): number => Math.min(2 ** 30, Math.max(64 * 2 ** 20, Math.round(bytes * 0.02)))

/** Each volume once, with all that is needed of it. */
export async function volumesOf(needs: readonly Need[]): Promise<Volume[]> {
  const byDevice = new Map<number, { path: string; neededBytes: number }>()
  for (const { folder, bytes } of needs) {
    const { path, device } = await nearest(folder)
    const volume = byDevice.get(device) ?? { path, neededBytes: 0 }
    byDevice.set(device, { path: volume.path, neededBytes: volume.neededBytes + bytes })
  }
  return Promise.all([...byDevice.values()].map(withFree))
}

/** Throws `disk_full`, naming each volume that is too small. */
export function mustFit(volumes: readonly Volume[]): void {
  const small = volumes.filter(
    ({ neededBytes, freeBytes }) => neededBytes > 0 && freeBytes !== undefined && neededBytes + reserveOf(neededBytes) > freeBytes,
  )
  if (small.length === 0) return
  const told = small.map(
    ({ path, neededBytes, freeBytes = 0 }) =>
      `${sizeText(neededBytes)} are needed on the volume of ${path}, ${sizeText(freeBytes)} are free`,
  )
  throw new ModelyardError('disk_full', `${told.join('; ')}.`, { details: { volumes: small } })
}

async function nearest(folder: string): Promise<{ path: string; device: number }> {
  const found = await stat(folder).catch(() => undefined)
  if (found) return { path: folder, device: found.dev }
  const above = dirname(folder)
  return above === folder ? { path: folder, device: -1 } : nearest(above)
}

async function withFree({ path, neededBytes }: { path: string; neededBytes: number }): Promise<Volume> {
  const freeBytes = await freeOf(path)
  return { path, neededBytes, ...(freeBytes !== undefined && { freeBytes }) }
}
