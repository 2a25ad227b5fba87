/** The tools with which the page is tested: they must see what is wrong, and say nothing where nothing is. */
import { readdir, rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { axe } from '../support/axe.ts'
import { type Chromium, screenshot, startChromium, type Window, type WindowOptions } from '../support/chromium.ts'
import { type SmallPage, smallPage } from '../support/small-page.ts'
import { testFolder } from '../support/test-yard.ts'

const failing = `
const say = (name, run) => document.getElementById(name).addEventListener('click', run)
say('error', () => console.error('said on the console'))
say('throw', () => { throw new Error('thrown by a script') })
say('policy', () => document.body.append(Object.assign(new Image(), { src: '/other.png', alt: '' })))
say('trusted', () => { try { document.body.innerHTML = '<p>' } catch {} })
say('other', () => location.assign('http://127.0.0.1:9/secret'))
`
const buttons = ['error', 'throw', 'policy', 'trusted', 'other'].map((id) => `<button id="${id}">${id}</button>`).join('')
const hardToRead = `
const root = document.querySelector('div').attachShadow({ mode: 'open' })
const sheet = new CSSStyleSheet()
sheet.replaceSync('p { color: #aaa; background: #fff }')
root.adoptedStyleSheets = [sheet]
root.append(Object.assign(document.createElement('p'), { textContent: 'Hard to read' }))
`

let chromium: Chromium
beforeAll(async () => {
  chromium = await startChromium()
})
afterAll(() => chromium?.close())

async function shown(small: SmallPage, options?: WindowOptions): Promise<Window> {
  const window = await chromium.window(options)
  await window.page.goto(small.url)
  await window.page.locator('a-light[ready]').waitFor()
  return window
}

describe('a window', () => {
  it('says nothing of a page that does nothing wrong, and its elements can be used', async () => {
    await using small = await smallPage()
    await using window = await shown(small)
    await window.page.getByLabel('What to say').fill('good morning')
    await window.page.getByRole('button', { name: 'Ask the echo' }).click()
    await window.page.getByText('Echo: good morning').waitFor()
    expect(window.complaints()).toEqual([])
  })

  it.each([
    ['error', /console: said on the console/],
    ['throw', /script: Error: thrown by a script/],
    ['policy', /the policy forbade it: img-src/],
    ['trusted', /the policy forbade it: require-trusted-types-for/],
    ['other', /asked another origin: http:\/\/127.0.0.1:9\/secret/],
  ])('complains when it closes: %s', async (button, complaint) => {
    await using small = await smallPage({ body: buttons, extra: failing })
    const window = await shown(small)
    await window.page.locator(`#${button}`).click()
    await expect.poll(() => window.complaints().join('\n')).toMatch(complaint)
    await expect(window[Symbol.asyncDispose]()).rejects.toThrow(complaint)
  })

  it('lets pass what a test expects, and nothing else', async () => {
    await using small = await smallPage({ body: buttons, extra: failing })
    await using window = await shown(small)
    await window.page.locator('#error').click()
    await expect.poll(() => window.complaints().length).toBe(1)
    window.allow(/said on the console/)
    expect(window.complaints()).toEqual([])
  })

  it('is of the language, zone, theme, motion and size it is asked for, the same everywhere without', async () => {
    await using small = await smallPage()
    await using window = await shown(small)
    const facts = `[navigator.language, new Date(0).toLocaleString(), matchMedia('(prefers-color-scheme: dark)').matches,
      matchMedia('(prefers-reduced-motion: reduce)').matches, innerWidth, devicePixelRatio]`
    expect(await window.page.evaluate(facts)).toEqual(['en-GB', '01/01/1970, 00:00:00', false, false, 1280, 1])
    await using other = await shown(small, {
      locale: 'de-DE',
      timezoneId: 'Asia/Tokyo',
      colorScheme: 'dark',
      reducedMotion: 'reduce',
      viewport: { width: 720, height: 800 },
      zoom: 2,
    })
    expect(await other.page.evaluate(facts)).toEqual(['de-DE', '1.1.1970, 09:00:00', true, true, 360, 2])
  })

  it('has a second tab that shares what is stored', async () => {
    await using small = await smallPage()
    await using window = await shown(small)
    await window.page.evaluate('localStorage.setItem("kept", "here")')
    const tab = await window.anotherTab()
    await tab.goto(small.url)
    expect(await tab.evaluate('localStorage.getItem("kept")')).toBe('here')
  })
})

describe('axe', () => {
  it('finds nothing on a page that everybody can use', async () => {
    await using small = await smallPage()
    await using window = await shown(small)
    expect(await axe(window.page)).toEqual([])
  })

  it('finds what is wrong, in a shadow root too, and where; the page sees nothing of it', async () => {
    await using small = await smallPage({ body: '<input id="nameless"><div></div>', extra: hardToRead })
    await using window = await shown(small)
    const found = await axe(window.page)
    expect(found).toHaveLength(2)
    expect(found).toContainEqual(expect.stringMatching(/^label \(critical\): #nameless: .*label/))
    expect(found).toContainEqual(expect.stringMatching(/^color-contrast \(serious\): div >> p: .*2\.32/))
    expect(await window.page.evaluate('typeof axe')).toBe('undefined')
  })
})

describe('a screenshot', () => {
  it('is written where a folder is named, and nowhere else', async () => {
    await using small = await smallPage()
    await using window = await shown(small)
    const folder = await testFolder()
    const before = process.env.MODELYARD_SCREENSHOTS
    try {
      delete process.env.MODELYARD_SCREENSHOTS
      await screenshot(window.page, 'none')
      process.env.MODELYARD_SCREENSHOTS = folder
      await screenshot(window.page, 'small')
      expect(await readdir(folder)).toEqual(['small.png'])
    } finally {
      if (before === undefined) delete process.env.MODELYARD_SCREENSHOTS
      else process.env.MODELYARD_SCREENSHOTS = before
      await rm(folder, { recursive: true })
    }
  })
})
