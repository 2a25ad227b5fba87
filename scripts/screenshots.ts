/** `npm run screenshots`: takes the pictures of the documents from the real page, into `docs/images`: all, or those that are named. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { type Chromium, startChromium, type WindowOptions } from '../test/support/chromium.ts'
import { anHourOfUse } from './an-hour-of-use.ts'
import { otherRepo, type Pictured, pictured, repo } from './screenshot-scene.ts'
import { smallerPng } from './smaller-png.ts'

interface Picture {
  readonly name: string
  /** The fragment of its address. */
  readonly at: string
  readonly window?: WindowOptions
  /** Resolves when what is to be seen is there; undone by what it returns. */
  show(page: Page, scene: Pictured): Promise<unknown>
}

const folder = join('docs', 'images')
const wanted = process.argv.slice(2)
const words = (page: Page, text: string | RegExp): Promise<void> => page.getByText(text).first().waitFor()
const use = (page: Page, name: RegExp): Promise<void> => page.getByRole('option', { name }).dblclick()
const narrow: WindowOptions = { viewport: { width: 360, height: 740 } }

async function switching(page: Page, { ollama }: Pictured): Promise<void> {
  ollama.shelf.holdLoads()
  await use(page, /^gemma3:12b/)
  await words(page, 'loading 8.1 GB')
}

async function rolledBack(page: Page): Promise<void> {
  await use(page, /^phi4:14b/)
  await words(page, 'serves default, as before')
}

/** Two at once, each some way on. */
async function downloading(page: Page, { yard, limit }: Pictured): Promise<void> {
  const rows = page.getByRole('region', { name: 'Downloads' }).getByRole('listitem')
  await limit(null)
  await yard.jobs.start({ repo, quantization: 'Q4_K_M', into: ['lmstudio'] })
  await rows
    .filter({ hasText: 'Q4_K_M' })
    .getByText(/^[1-9]\.\d GB of/)
    .waitFor()
  await limit(90_000_000)
  await yard.jobs.start({ repo: otherRepo, quantization: 'Q8_0', into: ['lmstudio'] })
  await rows
    .filter({ hasText: 'Q8_0' })
    .getByText(/^[3-9]\d\d MB of/)
    .waitFor()
}

const pictures: readonly Picture[] = [
  { name: 'switching', at: 'switch', show: switching },
  { name: 'switching-dark', at: 'switch', window: { colorScheme: 'dark' }, show: switching },
  { name: 'switching-narrow', at: 'switch', window: narrow, show: switching },
  { name: 'rolled-back', at: 'switch', show: rolledBack },
  { name: 'quantizations', at: `get/${repo}/Q4_K_M`, show: (page) => words(page, 'To fetch') },
  { name: 'download', at: 'get', show: downloading },
  { name: 'models', at: 'models', show: (page) => words(page, 'Memory of this machine') },
  { name: 'model', at: `models/${encodeURIComponent('ollama/llama3.2:3b')}`, show: (page) => words(page, 'Held by') },
  { name: 'activity', at: 'activity', show: (page) => page.locator('.series path').first().waitFor() },
]

async function take(chromium: Chromium, scene: Pictured, { name, at, window: options, show }: Picture): Promise<void> {
  await using window = await chromium.window(options)
  const { page } = window
  await scene.signIn(page)
  await page.getByRole('region', { name: 'Slots' }).waitFor()
  await page.evaluate(`location.hash = ${JSON.stringify(`#/${at}`)}`)
  await show(page, scene)
  await page.mouse.move(0, 0)
  const path = join(folder, `${name}.png`)
  await writeFile(path, smallerPng(await page.screenshot({ animations: 'disabled', caret: 'hide' })))
  console.log(path)
  await asBefore(scene)
}

/** What a picture began is given up, and the default slot serves what it did. */
async function asBefore({ yard, ollama }: Pictured): Promise<void> {
  const cancelled = yard.slots.list().flatMap(({ switching }) => (switching === undefined ? [] : [yard.switches.cancel(switching)]))
  ollama.shelf.releaseLoads()
  await Promise.all(cancelled)
  for (const { id, state } of yard.jobs.list()) if (state === 'running') await yard.jobs.cancel(id)
}

await mkdir(folder, { recursive: true })
await using chromium = await startChromium()
await using scene = await pictured()
await anHourOfUse(scene)
for (const picture of pictures) if (wanted.length === 0 || wanted.includes(picture.name)) await take(chromium, scene, picture)
