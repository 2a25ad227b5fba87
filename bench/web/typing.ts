/** What a key in the filter costs: script, styles and layout as Chromium counts them, then the frames a person sees. */
import type { CDPSession, Page } from 'playwright-core'
import type { Chromium } from '../../test/support/chromium.ts'
import { type Figure, median, ms } from '../table.ts'
import { filterOf, listOf, metricsOf, pause, type Subject, share, visit } from './subject.ts'

const costLimitMs = 16
const frameLimitMs = 50
/** As fast typists type. */
const betweenKeysMs = 120
const rounds = 4
/** In the names of few. */
const rare = '4999'
/** Narrower with every key, then wider again. */
const keys = [...'qwen3-00 8b', ...Array<string>(11).fill('Backspace')].map((key) => (key === ' ' ? 'Space' : key))

export async function typing(chromium: Chromium, subject: Subject, models: number): Promise<Figure[]> {
  await using visitor = await visit(chromium, subject)
  const { page, session } = visitor
  await session.send('Performance.enable')
  await listOf(page).waitFor()
  await filterOf(page).click()
  await typeAll(page, () => Promise.resolve())
  await narrows(page)
  const idle = await costsOf(session, rounds * 4, () => pause(betweenKeysMs))
  const costs: number[] = []
  for (let round = 0; round < rounds; round += 1)
    await typeAll(page, async (press) => void costs.push(...(await costsOf(session, 1, press))))
  const frames = await framesDuring(page, async () => {
    for (let round = 0; round < rounds; round += 1) await typeAll(page, (press) => press())
  })
  return [
    {
      what: `script, styles and layout per key in the filter (p95), ${models.toLocaleString('en')} models`,
      measured: ms(share(costs, 0.95)),
      peer: `median ${ms(median(costs))}; without a key ${ms(median(idle))}`,
      limit: ms(costLimitMs),
      share: share(costs, 0.95) / costLimitMs,
    },
    {
      what: `frames while typing (p99), ${models.toLocaleString('en')} models`,
      measured: ms(share(frames, 0.99)),
      peer: `median of ${frames.length}: ${ms(median(frames))}`,
      limit: ms(frameLimitMs),
      share: share(frames, 0.99) / frameLimitMs,
    },
  ]
}

async function typeAll(page: Page, each: (press: () => Promise<void>) => Promise<void>): Promise<void> {
  for (const key of keys) {
    await each(async () => {
      await page.keyboard.press(key)
      await pause(betweenKeysMs)
    })
  }
}

/** A filter that does nothing costs nothing. */
async function narrows(page: Page): Promise<void> {
  const shown = async (): Promise<string> => (await listOf(page).textContent()) ?? ''
  const before = await shown()
  await page.keyboard.type(rare)
  for (let turn = 0; (await shown()) === before; turn += 1) {
    if (turn === 100) throw new Error('typing in the filter changes nothing')
    await pause(50)
  }
  for (const _ of rare) await page.keyboard.press('Backspace')
}

async function costsOf(session: CDPSession, times: number, work: () => Promise<void>): Promise<number[]> {
  const costs: number[] = []
  for (let time = 0; time < times; time += 1) {
    const before = await costSoFar(session)
    await work()
    costs.push((await costSoFar(session)) - before)
  }
  return costs
}

async function costSoFar(session: CDPSession): Promise<number> {
  const { ScriptDuration = 0, RecalcStyleDuration = 0, LayoutDuration = 0 } = await metricsOf(session)
  return (ScriptDuration + RecalcStyleDuration + LayoutDuration) * 1000
}

/** Times between frames. */
async function framesDuring(page: Page, work: () => Promise<void>): Promise<number[]> {
  const counting = page.evaluateHandle(`(() => {
    const frames = { times: [], over: false }
    const next = (time) => { frames.times.push(time); if (!frames.over) requestAnimationFrame(next) }
    requestAnimationFrame(next)
    return frames
  })()`)
  const frames = await counting
  await work()
  const times = (await frames.evaluate((one) => Object.assign(one as { over: boolean; times: number[] }, { over: true }).times)) as number[]
  return times.slice(1).map((time, index) => time - (times[index] ?? time))
}
