/** One small JSON file of state: read once, kept in memory, replaced whole. A damaged one is set aside, never overwritten. */
import { readFile, rename } from 'node:fs/promises'
import type { z } from 'zod'
import { ModelyardError } from '../contract/index.ts'
import { replaceFile } from '../platform/atomic-file.ts'

export interface StateFile<T> {
  readonly value: T
  /** Resolves when the new value is on the disk; writes are in order. */
  write(value: T): Promise<void>
}

export interface StateFileOptions<T> {
  readonly path: string
  readonly schema: z.ZodType<T>
  readonly initial: T
  /** Told when the file was damaged and set aside. */
  readonly onWarning: (text: string) => void
}

export async function openStateFile<T>({ path, schema, initial, onWarning }: StateFileOptions<T>): Promise<StateFile<T>> {
  let { value } = await readState({ path, schema, initial, onWarning })
  let writing: Promise<void> = Promise.resolve()
  return {
    get value() {
      return value
    },
    write(next) {
      value = next
      const text = `${JSON.stringify(next, null, 1)}\n`
      writing = writing.catch(() => undefined).then(() => replaceFile(path, text))
      return writing.catch((error: NodeJS.ErrnoException) => {
        throw new ModelyardError(
          error.code === 'ENOSPC' ? 'disk_full' : 'internal',
          `${path} could not be written (${error.code ?? 'unknown reason'}).`,
          { cause: error },
        )
      })
    },
  }
}

async function readState<T>({ path, schema, initial, onWarning }: StateFileOptions<T>): Promise<{ value: T }> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { value: initial }
    throw new ModelyardError('internal', `${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`, { cause: error })
  }
  const checked = schema.safeParse(parse(text))
  if (checked.success) return { value: checked.data }
  const aside = `${path}.damaged-${Date.now()}`
  await rename(path, aside)
  onWarning(`${path} was damaged. It was kept as ${aside}, and its contents are forgotten.`)
  return { value: initial }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
