/** `npm run bench:download`: verified downloads beside their peers, over a slow link, killed, and weighed. */
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { bundled } from '../test/support/bundled.ts'
import { killed } from './download/killed.ts'
import { slowLink } from './download/link.ts'
import { type Served, served } from './download/nginx.ts'
import { type Ours, ours } from './download/ours.ts'
import { type Peer, peersHere, timePeer, versionOf } from './download/peers.ts'
import { type Figure, megabytes, ms, print } from './table.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    mib: { type: 'string', default: '2048' },
    'big-mib': { type: 'string', default: '4096' },
    rounds: { type: 'string', default: '3' },
  },
})
const mebibytes = (text: string): number => Number(text) * 2 ** 20
const linkBytes = 100e6
const gb = (bytes: number, took: number): string => `${(bytes / 1e6 / took).toFixed(2)} GB/s`

/**
 * Before whoever is measured: no file of another, nothing left to be written, and memory for as much as will come. Where
 * a machine is a virtual one, its host takes back what was free for long, and the first to want it again waits.
 */
async function empty({ folder, bytes }: Served): Promise<void> {
  for (const name of await readdir(folder)) await rm(join(folder, name))
  execFileSync('sync')
  execFileSync('dd', ['if=/dev/zero', `of=${join(folder, 'warm')}`, 'bs=1M', `count=${Math.ceil(bytes / 2 ** 20)}`], { stdio: 'ignore' })
  await rm(join(folder, 'warm'))
}

/** The best of several rounds, in turn: what else the machine does only makes slower. */
async function ratios(program: string, source: Served): Promise<Figure[]> {
  const peers = peersHere()
  const times = new Map<Peer, number>(peers.map((peer) => [peer, Number.POSITIVE_INFINITY]))
  let mine = Number.POSITIVE_INFINITY
  for (let round = 0; round < Number(values.rounds); round += 1) {
    await empty(source)
    mine = Math.min(mine, (await ours({ program }, source)).verifiedMs)
    for (const peer of peers) {
      await empty(source)
      times.set(peer, Math.min(times.get(peer) ?? 0, timePeer(peer, source)))
    }
  }
  await empty(source)
  return peers.map((peer) => {
    const ratio = (times.get(peer) ?? 0) / mine
    return {
      what: `verified download of ${megabytes(source.bytes)} on loopback: times faster than ${peer.name}`,
      measured: `${ratio.toFixed(2)}×, ${gb(source.bytes, mine)}`,
      peer: `${gb(source.bytes, times.get(peer) ?? 0)} (${peer.version})`,
      limit: `at least ${peer.atLeast}×`,
      share: peer.atLeast / ratio,
    }
  })
}

async function weight(program: string, source: Served): Promise<Figure[]> {
  const connections = 8
  const one: Ours = await ours({ program, connections, askEveryMs: 20 }, source)
  const allowed = 64 * 2 ** 20 + connections * 1.5 * 2 ** 20
  const grown = one.peakBytes - one.idleBytes
  const cpu = one.cpuSeconds / (source.bytes / 1e9)
  const how = `${megabytes(source.bytes)} at ${gb(source.bytes, one.verifiedMs)}`
  return [
    { what: 'CPU of a verified download', measured: `${cpu.toFixed(2)} s/GB`, peer: how, limit: '1.2 s/GB', share: cpu / 1.2 },
    {
      what: 'memory while downloading, above idle',
      measured: megabytes(grown),
      peer: how,
      limit: megabytes(allowed),
      share: grown / allowed,
    },
    {
      what: 'another request to the process meanwhile, p99',
      measured: ms(one.p99Ms),
      peer: 'every 20 ms',
      limit: '50 ms',
      share: one.p99Ms / 50,
    },
    {
      what: 'after the proof, until the bytes outlive a loss of power',
      measured: ms(one.durableMs - one.verifiedMs),
      peer: 'nobody else waits for it',
      limit: '5 s',
      share: (one.durableMs - one.verifiedMs) / 5000,
    },
  ]
}

async function overLink(program: string): Promise<Figure[]> {
  await using source = await served(linkBytes)
  await using link = await slowLink(source.port)
  const through = { ...source, url: `http://127.0.0.1:${link.port}/model` }
  const one = await ours({ program }, through)
  const peers = peersHere().map((peer) => {
    execFileSync('sh', ['-c', `rm -f ${source.folder}/peer`])
    return { peer, took: timePeer(peer, through) }
  })
  const best = peers.reduce((a, b) => (b.took < a.took ? b : a), { took: Number.POSITIVE_INFINITY, peer: undefined as Peer | undefined })
  const what = `100 Mbit/s with 50 ms on the way, ${megabytes(linkBytes)}`
  return [
    {
      what: `${what}: time`,
      measured: ms(one.verifiedMs),
      peer: `fastest of ${peers.length}: ${best.peer?.name} ${ms(best.took)}`,
      limit: "the fastest peer's",
      share: one.verifiedMs / best.took,
    },
    { what: `${what}: from the last byte to the proof`, measured: ms(one.tailMs), peer: '', limit: '300 ms', share: one.tailMs / 300 },
  ]
}

const nginx = versionOf('nginx -v')
if (nginx === undefined)
  throw new Error('The bench serves its downloads with nginx: install it (on Debian: apt-get install nginx-light aria2).')
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
await using program = await bundled(new URL('./download/program.ts', import.meta.url).pathname)
process.once('exit', () => rmSync(dirname(program.file), { recursive: true, force: true }))
const wanted = (name: string): boolean => positionals.length === 0 || positionals.includes(name)
const figures: Figure[] = []
if (wanted('ratios')) {
  await using source = await served(mebibytes(values.mib))
  figures.push(...(await ratios(program.file, source)))
}
if (wanted('link')) figures.push(...(await overLink(program.file)))
if (wanted('weight') || wanted('killed')) {
  await using source = await served(mebibytes(values['big-mib']))
  await empty(source)
  if (wanted('weight')) figures.push(...(await weight(program.file, source)))
  await empty(source)
  if (wanted('killed')) figures.push(...(await killed(program.file, source)))
}
process.stderr.write(`served by ${nginx}\n`)
process.exitCode = print(figures)
