/** A verified switch on the embedded engine with the spare ready, beside the same child driven by hand. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildYard } from '../src/modelyard.ts'
import { orderOf } from '../src/providers/embedded/chat-order.ts'
import { startChild } from '../src/providers/embedded/engine-child.ts'
import { findEngine } from '../src/providers/embedded/engine-folder.ts'
import { resolveSettings } from '../src/store/settings.ts'
import { namedGguf } from '../src/testing/gguf/named-gguf.ts'
import { type Figure, median, ms } from './table.ts'

const rounds = 12
/** The spare is started when the engine has answered; it needs about a second to be ready. */
const spareMs = 3000

export async function embeddedSwitch(): Promise<Figure[]> {
  const home = await mkdtemp(join(tmpdir(), 'modelyard-bench-'))
  try {
    const folder = join(home, 'library', 'bench', 'tiny')
    await mkdir(folder, { recursive: true })
    for (const name of ['maple', 'birch']) await writeFile(join(folder, `${name}.gguf`), namedGguf(name))
    const byHand = await handDriven(home, join(folder, 'maple.gguf'))
    const switched = await switches(home)
    const [hand, yard] = [median(byHand), median(switched)]
    return [
      {
        what: 'verified switch, embedded, spare ready: beyond the child by hand',
        measured: ms(yard - hand),
        peer: `by hand ${ms(hand)}, switch ${ms(yard)}`,
        limit: '50 ms',
        share: (yard - hand) / 50,
      },
      {
        what: 'verified switch, embedded, tiny models',
        measured: ms(yard),
        peer: 'Ollama 265 ms, llama-swap 274 ms on such a machine',
        limit: '150 ms',
        share: yard / 150,
      },
    ]
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

async function handDriven(home: string, path: string): Promise<number[]> {
  const engine = await findEngine({ home })
  if (!engine) throw new TypeError('the embedded engine is missing: npm run setup')
  const times: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const child = startChild({ entry: engine.entry, gpu: 'auto' })
    await child.ready
    const started = performance.now()
    const signal = new AbortController().signal
    await child.load({ path, purpose: 'chat', contextLength: 512, threads: 1, sequences: 4 }, { signal })
    for await (const _ of child.chat('maple', orderOf({ messages: [{ role: 'user', content: 'Say hello.' }], maxTokens: 10 }), signal));
    times.push(performance.now() - started)
    await child.end()
  }
  return times
}

async function switches(home: string): Promise<number[]> {
  const off = { enabled: false }
  const settings = await resolveSettings({ env: {}, options: { home, providers: { ollama: off, lmstudio: off, llamacpp: off } } })
  const yard = await buildYard({ settings })
  const times: number[] = []
  for (let round = 0; round <= rounds; round += 1) {
    const started = performance.now()
    const { outcome } = await yard.slot('default').switch(round % 2 === 0 ? 'maple' : 'birch')
    if (outcome !== 'switched') throw new TypeError(outcome)
    if (round > 0) times.push(performance.now() - started)
    await new Promise((resolve) => setTimeout(resolve, spareMs))
  }
  await yard.close()
  return times
}
