import { ModelyardError } from '../contract/index.ts'
import { sizeText } from '../util/size-text.ts'
import { freeOf } from './hardware.ts'

/** Before a copy: throws `disk_full` where the volume of the folder is known to be too small. */
export async function mustHaveRoom(folder: string, bytes: number): Promise<void> {
  const free = await freeOf(folder)
  if (free === undefined || bytes <= free) return
  const text = `${sizeText(bytes)} have to be copied, and on the volume of ${folder} ${sizeText(free)} are free.`
  throw new ModelyardError('disk_full', text, { details: { volumes: [{ path: folder, neededBytes: bytes, freeBytes: free }] } })
}
