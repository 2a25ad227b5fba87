/** How long a person waits who is signed in already: something is seen, the list can be used. Nothing comes from a cache. */
import type { Chromium } from '../../test/support/chromium.ts'
import { type Figure, median, ms } from '../table.ts'
import { listOf, marked, type Subject, screens, visit } from './subject.ts'

const rounds = 9
const paintLimitMs = 500
const listLimitMs = 800

export async function firstList(chromium: Chromium, subject: Subject, models: number): Promise<Figure[]> {
  await using visitor = await visit(chromium, subject)
  const { page, session } = visitor
  await session.send('Network.enable')
  await session.send('Network.setCacheDisabled', { cacheDisabled: true })
  const paints: number[] = []
  const lists: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    await page.goto('about:blank')
    await page.goto(`${subject.url}${screens.first}`)
    lists.push(await marked(page))
    await listOf(page).waitFor()
    paints.push(Number(await page.evaluate('performance.getEntriesByName("first-contentful-paint")[0].startTime')))
  }
  const figure = (what: string, values: readonly number[], limit: number): Figure => ({
    what: `${what}, ${models.toLocaleString('en')} models`,
    measured: ms(median(values)),
    peer: `slowest of ${rounds}: ${ms(Math.max(...values))}`,
    limit: ms(limit),
    share: median(values) / limit,
  })
  return [figure('first contentful paint', paints, paintLimitMs), figure('first usable list', lists, listLimitMs)]
}
