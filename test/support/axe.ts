/** What axe-core finds wrong with a page by the rules of WCAG 2.2 AA, open shadow roots included. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

type Violation = AxeResults['violations'][number]

/**
 * A line for each element that breaks a rule: rule, impact, where, what to do; none of a page that is as it should be.
 * It looks when movements that end have ended. It runs in a world of its own: the page's policy does not stop it, and
 * the page does not notice.
 */
export async function axe(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page)
  try {
    const { frameTree } = await session.send('Page.getFrameTree')
    const { executionContextId: contextId } = await session.send('Page.createIsolatedWorld', {
      frameId: frameTree.frame.id,
      worldName: 'axe',
    })
    const run = async (expression: string): Promise<unknown> => {
      const made = await session.send('Runtime.evaluate', { expression, contextId, awaitPromise: true, returnByValue: true })
      if (made.exceptionDetails) throw new Error(made.exceptionDetails.exception?.description ?? made.exceptionDetails.text)
      return made.result.value
    }
    await run(`${source};undefined`)
    await run(atRest)
    const violations = await run(
      `axe.run(document, ${JSON.stringify({ runOnly: { type: 'tag', values: tags } })}).then((found) => found.violations)`,
    )
    return (violations as Violation[]).flatMap(linesOf)
  } finally {
    await session.detach()
  }
}

const atRest = `Promise.allSettled(document.getAnimations().flatMap((one) =>
  one.playState === 'running' && Number.isFinite(one.effect.getComputedTiming().endTime) ? [one.finished] : [])).then(() => undefined)`

const linesOf = ({ id, impact, help, nodes }: Violation): string[] =>
  nodes.map(({ target, failureSummary = '' }) => {
    const where = target.flat().join(' >> ')
    const what = failureSummary
      .split('\n')
      .slice(1)
      .map((line) => line.trim())
    return `${id} (${impact}): ${where}: ${what.join('; ') || help}`
  })
