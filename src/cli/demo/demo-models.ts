/** The models of the demo: two that say their own names, one whose file ends too early, and one that a stand-in for the Hub has. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { cdnBytes } from '../../testing/fakes/fake-content.ts'
import { type FakeHub, fakeHub } from '../../testing/fakes/fake-hub.ts'
import { damagedGguf } from '../../testing/gguf/damaged-gguf.ts'
import { namedGguf } from '../../testing/gguf/named-gguf.ts'

const model = (name: string) => ({ name, file: `demo/tiny/${name}`, ref: `embedded/demo/tiny/${name}` })

export const demoModels = { first: model('maple'), second: model('birch'), broken: model('broken') } as const

export const hubModel = {
  name: 'cedar',
  repo: 'demo/Cedar-GGUF',
  file: 'cedar-F32.gguf',
  ref: 'embedded/demo/Cedar-GGUF/cedar-F32',
} as const

const mebibyte = 2 ** 20

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

/** What follows its tensors is nothing to llama.cpp; here it makes the download last. */
export const hubContent = (): Buffer => Buffer.concat([namedGguf(hubModel.name), cdnBytes(0, 24 * mebibyte)])

/** So slow that there is time for a pause and a kill. */
export const openDemoHub = (content: Buffer): Promise<FakeHub> =>
  fakeHub({
    repositories: [{ repo: hubModel.repo, files: [{ path: hubModel.file, content }], licence: 'mit', gguf: { architecture: 'llama' } }],
    bytesPerSecond: 3 * mebibyte,
  })
