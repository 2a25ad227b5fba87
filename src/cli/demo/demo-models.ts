/** The models of the demo: two that say their own names, and one whose file ends too early. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { damagedGguf } from '../../testing/gguf/damaged-gguf.ts'
import { namedGguf } from '../../testing/gguf/named-gguf.ts'

const model = (name: string) => ({ name, file: `demo/tiny/${name}`, ref: `embedded/demo/tiny/${name}` })

export const demoModels = { first: model('maple'), second: model('birch'), broken: model('broken') } as const

export async function writeDemoModels(library: string): Promise<void> {
  const { first, second, broken } = demoModels
  await write(library, first.file, namedGguf(first.name))
  await write(library, second.file, namedGguf(second.name))
  await write(library, broken.file, damagedGguf('truncated'))
}

async function write(library: string, name: string, bytes: Uint8Array): Promise<void> {
  const path = join(library, `${name}.gguf`)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, bytes)
}
