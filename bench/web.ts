/** `npm run bench:web`: what the page costs in a real Chromium, served by the service as it is shipped. */
import { parseArgs } from 'node:util'
import { fakeOllama } from '../src/testing/fakes/fake-ollama.ts'
import { startChromium } from '../test/support/chromium.ts'
import { signInAt } from '../test/support/page-scene.ts'
import { serviceProcess } from '../test/support/service-process.ts'
import { serviceWithJobs } from '../test/support/yard-with-jobs.ts'
import { type Figure, print } from './table.ts'
import { firstList } from './web/first-list.ts'
import { progress } from './web/progress.ts'
import { elementsBundle, screenScripts } from './web/scripts.ts'
import { typing } from './web/typing.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  /** Of telling of progress. */
  options: { minutes: { type: 'string', default: '10' } },
})
const minutes = Number(values.minutes)

const wanted = (name: string): boolean => positionals.length === 0 || positionals.includes(name)
const figures: Figure[] = []
let failed = false
async function section(name: string, run: () => Figure[] | Promise<Figure[]>): Promise<void> {
  if (!wanted(name)) return
  process.stderr.write(`${name} …\n`)
  try {
    figures.push(...(await run()))
  } catch (error) {
    // What the others said is worth something all the same.
    failed = true
    process.stderr.write(`${name}: ${String(error)}\n`)
  }
}

await using chromium = await startChromium()
await section('elements', () => elementsBundle())
await section('scripts', async () => {
  await using service = await serviceProcess()
  return await screenScripts(chromium, service)
})
await section('list', async () => {
  await using service = await serviceProcess({ models: 1000 })
  return await firstList(chromium, service, 1000)
})
await section('typing', async () => {
  await using service = await serviceProcess({ models: 5000 })
  return await typing(chromium, service, 5000)
})
await section('progress', async () => {
  await using engine = await fakeOllama({ models: [{ name: 'alpha' }] })
  await using made = await serviceWithJobs({ providers: { ollama: { kind: 'ollama', baseUrl: engine.url } } })
  const { token, service } = made
  const subject = { url: service.url, signIn: (page: Parameters<typeof signInAt>[1]) => signInAt({ url: service.url, token }, page) }
  return await progress(chromium, subject, made.jobs, minutes)
})
process.exitCode = print(figures) || Number(failed)
