/** `npm run bench:gateway`: what the gateway costs, beside the bare upstream, a bare relay and the peers that run here. */
import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { bundled } from '../test/support/bundled.ts'
import { firstToken } from './gateway/first-token.ts'
import { idleMemory, longTasks, memoryAfter } from './gateway/memory.ts'
import { oneAtATime, type Runners } from './gateway/one-at-a-time.ts'
import { oursBefore } from './gateway/ours.ts'
import { type Target, untilAnswering } from './gateway/raw-client.ts'
import { startRelay } from './gateway/relay.ts'
import { switching } from './gateway/switching.ts'
import { throughput } from './gateway/throughput.ts'
import { manyStreams, tokenDelay } from './gateway/token-delay.ts'
import { translation } from './gateway/translation.ts'
import { startUpstream } from './gateway/upstream.ts'
import { type Figure, print } from './table.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** Where peers find the upstream of the bench. */
    'upstream-port': { type: 'string', default: '0' },
    /** What comes before `/v1` at a peer that has the upstream behind it. */
    olla: { type: 'string' },
    'llama-swap': { type: 'string' },
    /** How both call the model of the upstream. */
    model: { type: 'string', default: 'm' },
    /** A llama-swap that has the two models of `--models` as `maple` and `birch`. */
    'llama-swap-models': { type: 'string' },
    models: { type: 'string' },
  },
})

function peerOf(name: string, url: string | undefined): Target[] {
  if (url !== undefined) return [{ name, url, model: values.model }]
  process.stderr.write(`${name}: skipped, no address was given (see docs/benchmarks.md)\n`)
  return []
}

const wanted = (name: string): boolean => positionals.length === 0 || positionals.includes(name)
const figures: Figure[] = []
let failed = false
async function section(name: string, run: () => Figure[] | Promise<Figure[]>): Promise<void> {
  if (!wanted(name)) return
  process.stderr.write(`${name} …\n`)
  try {
    const made = await run()
    for (const one of made) process.stderr.write(`  ${one.what}: ${one.measured} (${one.peer})\n`)
    figures.push(...made)
  } catch (error) {
    // What the others said is worth something all the same.
    failed = true
    process.stderr.write(`${name}: ${String(error)}\n`)
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
await using program = await bundled(new URL('./gateway/program.ts', import.meta.url).pathname)
const folder = await mkdtemp(join(tmpdir(), 'modelyard-bench-'))
process.once('exit', () => {
  for (const one of [dirname(program.file), folder]) rmSync(one, { recursive: true, force: true })
})
{
  await using upstream = await startUpstream(Number(values['upstream-port']))
  await using relay = await startRelay(upstream.url)
  await using ours = await oursBefore(upstream.url, program.file)
  const runners: Runners = {
    bare: { name: 'bare', url: upstream.url, model: 'm' },
    relay: { name: 'the relay', url: relay.url, model: 'm' },
    ours: ours.target,
    peers: [...peerOf('Olla', values.olla), ...peerOf('llama-swap', values['llama-swap'])],
  }
  for (const peer of runners.peers) await untilAnswering(peer)
  await section('idle', () => idleMemory(ours))
  await section('latency', () => oneAtATime(runners))
  await section('throughput', () => throughput(runners))
  await section('delay', () => tokenDelay(runners, upstream))
  await section('streams', () => manyStreams(ours, upstream))
  await section('memory', () => memoryAfter(ours))
  await section('tasks', () => longTasks(ours))
}
await section('translation', translation)
await section('switching', () => switching(program.file))
await section('use', () => {
  const [peer] = values['llama-swap-models'] === undefined ? [] : peerOf('llama-swap', values['llama-swap-models'])
  return firstToken(program.file, values.models ?? folder, peer)
})
await rm(folder, { recursive: true })
process.exitCode = print(figures) || Number(failed)
