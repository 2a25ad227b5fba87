/** From `use` to the first token of the new model, through the gateway, with the embedded engine; and a peer with the same files. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { namedGguf } from '../../src/testing/gguf/named-gguf.ts'
import { type Figure, median, ms } from '../table.ts'
import { startOurs, use } from './ours.ts'
import { rawClient, requestTo, type Target } from './raw-client.ts'

const names = ['maple', 'birch'] as const
const rounds = 10
/** Whoever keeps a spare engine may get it ready. */
const restMs = 3000

/** The two models, at fixed places in this folder, so that a peer can be told of them. */
export async function writeModels(folder: string): Promise<void> {
  await mkdir(join(folder, 'bench', 'tiny'), { recursive: true })
  for (const name of names) await writeFile(join(folder, 'bench', 'tiny', `${name}.gguf`), namedGguf(name))
}

/** `peer`: knows the two models by these names and loads on request. */
export async function firstToken(program: string, library: string, peer: Target | undefined): Promise<Figure[]> {
  await writeModels(library)
  const mine = await ourTimes(program, library)
  const others = peer && (await timesOf(peer, async () => {}))
  return [
    {
      what: 'from `use` to the first token of the new model, embedded, verified',
      measured: ms(median(mine)),
      peer: others ? `${peer?.name}, not verified: ${ms(median(others))}` : 'no peer was given for this',
      limit: "the peer's",
      share: others ? median(mine) / median(others) : 0,
    },
  ]
}

async function ourTimes(program: string, library: string): Promise<number[]> {
  await using ours = await startOurs({ program, library, providers: { embedded: { enabled: true } } })
  return await timesOf(ours.target, (name) => use(ours, name))
}

async function timesOf(target: Target, before: (name: string) => Promise<void>): Promise<number[]> {
  const client = await rawClient(target)
  const times: number[] = []
  for (let round = 0; round <= rounds; round += 1) {
    const name = names[round % 2] ?? names[0]
    const model = target.token === undefined ? name : target.model
    const request = requestTo(target, { model, stream: true, max_tokens: 4, messages: [{ role: 'user', content: 'Say hello.' }] })
    const began = performance.now()
    await before(name)
    let first: number | undefined
    let body = ''
    const { status } = await client.ask(request, (piece) => {
      body += piece.toString('latin1')
      if (/"content":"[^"]/.test(body)) first ??= performance.now()
    })
    if (status !== 200 || first === undefined) throw new Error(`${target.name} answered with ${status}: ${body.slice(0, 200)}`)
    if (round > 0) times.push(first - began)
    await new Promise((resolve) => setTimeout(resolve, restMs))
  }
  client.close()
  return times
}
