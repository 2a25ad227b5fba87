/** What a page is like at this moment, measured in it: for tests that look at any screen alike. */
import type { Page } from 'playwright-core'

/**
 * What makes the page, or a part of it that is not meant to, scroll sideways, and what is wider than the window although
 * it is cut there. Code and fields scroll in their own box.
 */
export const sticksOut = (page: Page): Promise<string[]> =>
  page.evaluate(`(() => {
    const named = (one) => one.localName + '.' + (one.getAttribute('class') ?? '') + ' ' + one.scrollWidth + ' in ' + one.clientWidth
    const scrolls = (one) => one === document.documentElement || /auto|scroll/.test(getComputedStyle(one).overflowX)
    return [...document.querySelectorAll(':not(pre, textarea, input, select)')]
      .filter((one) => one.clientWidth > 0 && one.scrollWidth > one.clientWidth && scrolls(one)).map(named)
  })()`)

/** Words that are cut although nothing says so: by a box that neither scrolls nor shows an ellipsis. */
export const cutWords = (page: Page): Promise<string[]> =>
  page.evaluate(`(() => {
    const hides = (one) => { const { overflowX, textOverflow, clipPath } = getComputedStyle(one)
      return /hidden|clip/.test(overflowX) && textOverflow !== 'ellipsis' && clipPath === 'none' }
    return [...document.querySelectorAll('body :not(input, textarea, select)')]
      .filter((one) => one.checkVisibility() && one.clientWidth > 1 && one.scrollWidth > one.clientWidth + 1 && hides(one))
      .map((one) => one.localName + '.' + (one.getAttribute('class') ?? '') + ': ' + one.textContent.slice(0, 60))
  })()`)

/** Controls that a person cannot get at with a mouse: outside of the page and of everything that scrolls. */
export const outOfReach = (page: Page): Promise<string[]> =>
  page.evaluate(`(() => {
    const controls = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [role=listbox]')]
      .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.classList.contains('skip'))
    const hit = (one) => {
      one.scrollIntoView({ block: 'center', inline: 'nearest', behavior: 'instant' })
      const { x, y, width, height } = one.getBoundingClientRect()
      if (x < -1 || x + width > innerWidth + 1) return false
      const at = document.elementFromPoint(x + width / 2, y + height / 2)
      return at !== null && (one.contains(at) || at.contains(one) || [...(one.labels ?? [])].some((label) => label.contains(at)))
    }
    return controls.filter((one) => !hit(one)).map((one) => one.localName + ': ' + (one.ariaLabel ?? one.textContent).slice(0, 60))
  })()`)

/** A place that one comes to is shown from its beginning. */
export const startsBelow = async (page: Page): Promise<string[]> => {
  const top = await page.evaluate("document.getElementById('content').scrollTop")
  return top === 0 ? [] : [`it begins ${top} pixels below its top`]
}

/** Names of what moves. */
export const moving = (page: Page): Promise<string[]> =>
  page.evaluate(`document.getAnimations().filter((one) => one.playState === 'running')
    .map((one) => (one.animationName ?? one.transitionProperty ?? 'script') + ' of ' + (one.effect?.target?.className ?? ''))`)

/** What has the focus: its role or tag, and how it is called; empty where it is nothing but the body. */
export const focused = (page: Page): Promise<string> =>
  page.evaluate(`(() => {
    const { activeElement: one } = document
    if (!one || one === document.body) return ''
    return (one.role ?? one.localName) + ' ' + (one.ariaLabel ?? one.labels?.[0]?.textContent ?? one.textContent).trim().slice(0, 80)
  })()`)

/** Whether who looks sees where the focus is. */
export const focusIsSeen = (page: Page): Promise<boolean> =>
  page.evaluate(`(() => {
    const { activeElement: one } = document
    if (!one || one === document.body) return false
    const { outlineStyle, outlineWidth } = getComputedStyle(one)
    const { width, height } = one.getBoundingClientRect()
    return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2 && width > 0 && height > 0
  })()`)
