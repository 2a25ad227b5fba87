/** Every screen, in both themes, narrow and magnified: no rule of accessibility is broken, nothing sticks out, each says where one is. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { axe } from '../../support/axe.ts'
import { type Chromium, screenshot, startChromium, type Window, type WindowOptions } from '../../support/chromium.ts'
import { cutWords, moving, outOfReach, startsBelow, sticksOut } from '../../support/page-measures.ts'
import { type PageScene, pageScene } from '../../support/page-scene.ts'
import { panelScreens, type Screen, show } from '../../support/screens.ts'

const slots = (page: Page) => page.getByRole('region', { name: 'Slots' })
/** The strip of a switch under way. */
const switching = (page: Page) => page.getByRole('region', { name: /^Switching default to/ })
const option = (page: Page, name: RegExp) => page.getByRole('option', { name })
/** What a lost connection says on the console is no fault of the page. */
const refused = /ERR_CONNECTION_REFUSED|WebSocket/

type Look = (page: Page) => Promise<readonly string[]>
const hasOneHeading: Look = async (page) => ((await page.locator('h1').count()) === 1 ? [] : ['it has not exactly one first heading'])

describe('every screen', () => {
  let chromium: Chromium
  let scene: PageScene
  let bare: PageScene

  beforeAll(async () => {
    ;[chromium, scene, bare] = await Promise.all([startChromium(), pageScene(), pageScene({ bare: true })])
    await scene.yard.slot('default').switch('ollama/qwen3:8b')
    await scene.yard.slot('default').switch('ollama/damaged:7b')
  })
  afterAll(async () => {
    await chromium?.close()
    await Promise.all([scene, bare].map((one) => one?.[Symbol.asyncDispose]()))
  })

  async function signedIn(options: WindowOptions, at = scene): Promise<Window> {
    const window = await chromium.window(options)
    await at.signIn(window.page)
    await slots(window.page).waitFor()
    return window
  }

  /** Everything that is wrong with all of them, each with the name of its screen. */
  async function faultsOf(page: Page, screens: readonly Screen[], suffix: string, looks: readonly Look[]): Promise<string[]> {
    const faults: string[] = []
    for (const screen of screens) {
      await show(page, screen)
      await screenshot(page, `${screen.name}-${suffix}`)
      for (const look of looks) faults.push(...(await look(page)).map((one) => `${screen.name}: ${one}`))
      const title = await page.title()
      if (title !== `${screen.panel} – Modelyard`) faults.push(`${screen.name}: its title is ${title}`)
    }
    return faults
  }
  const faultsNow = async (page: Page, name: string): Promise<string[]> => {
    await screenshot(page, name)
    return (await Promise.all([axe, hasOneHeading, sticksOut].map((look) => look(page)))).flat()
  }

  describe.each(['light', 'dark'] as const)('in the %s theme', (colorScheme) => {
    it('has no fault that axe finds, one first heading, and its name in the title', async () => {
      await using window = await signedIn({ colorScheme })
      expect(await faultsOf(window.page, panelScreens, colorScheme, [axe, hasOneHeading, sticksOut])).toEqual([])
    }, 60_000)

    it('is as good while a switch runs and when it was rolled back', async () => {
      await using window = await signedIn({ colorScheme })
      const { page } = window
      scene.ollama.shelf.holdLoads()
      try {
        await option(page, /damaged:7b/).dblclick()
        await switching(page).waitFor()
        expect(await faultsNow(page, `switching-${colorScheme}`)).toEqual([])
      } finally {
        scene.ollama.shelf.releaseLoads()
      }
      await page.getByText('serves default, as before').first().waitFor()
      expect(await faultsNow(page, `rolled-back-${colorScheme}`)).toEqual([])
    })

    it('is as good when it asks before it removes', async () => {
      await using window = await signedIn({ colorScheme })
      const { page } = window
      const model = panelScreens.find(({ name }) => name === 'model') as Screen
      await show(page, model)
      await page.getByRole('button', { name: 'Remove' }).click()
      await page.getByRole('dialog').getByText('This goes').waitFor()
      expect(await faultsNow(page, `remove-${colorScheme}`)).toEqual([])
    })

    it('is as good with its commands open, and with its keys', async () => {
      await using window = await signedIn({ colorScheme })
      const { page } = window
      await option(page, /qwen3:8b/).waitFor()
      await page.keyboard.press('Control+k')
      await page.getByRole('combobox', { name: 'Command' }).waitFor()
      expect(await faultsNow(page, `palette-${colorScheme}`)).toEqual([])
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      await page.keyboard.press('?')
      await page.getByRole('dialog').waitFor()
      expect(await faultsNow(page, `keys-${colorScheme}`)).toEqual([])
    })

    it('is as good where nobody is signed in, and where there is no model yet', async () => {
      await using out = await chromium.window({ colorScheme })
      await out.page.goto(scene.url)
      await out.page.getByRole('heading', { name: 'Sign in' }).waitFor()
      expect(await faultsNow(out.page, `sign-in-${colorScheme}`)).toEqual([])
      expect(await out.page.title()).toBe('Sign in – Modelyard')
      await using first = await signedIn({ colorScheme }, bare)
      await first.page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' })
      expect(await faultsNow(first.page, `first-run-${colorScheme}`)).toEqual([])
    })

    it('is as good when the connection is lost', async () => {
      await using window = await signedIn({ colorScheme }, bare)
      window.allow(refused)
      await bare.stop()
      try {
        await window.page.getByText('Connection lost').first().waitFor()
        expect(await faultsNow(window.page, `lost-${colorScheme}`)).toEqual([])
      } finally {
        await bare.start()
      }
    })
  })

  it('is whole at 360 pixels: nothing scrolls sideways, nothing is cut, every control can be got at', async () => {
    await using window = await signedIn({ viewport: { width: 360, height: 740 } })
    expect(await faultsOf(window.page, panelScreens, '360', [startsBelow, axe, sticksOut, cutWords, outOfReach])).toEqual([])
  }, 60_000)

  it('is whole at 200 %', async () => {
    await using window = await signedIn({ viewport: { width: 1280, height: 800 }, zoom: 2, colorScheme: 'dark' })
    expect(await faultsOf(window.page, panelScreens, 'zoomed', [sticksOut, cutWords, outOfReach])).toEqual([])
  }, 60_000)

  it('moves nothing where motion is not wanted', async () => {
    await using window = await signedIn({ reducedMotion: 'reduce' })
    expect(await faultsOf(window.page, panelScreens, 'still', [moving])).toEqual([])
    const { page } = window
    const [first] = panelScreens
    await show(page, first as Screen)
    scene.ollama.shelf.holdLoads()
    try {
      await option(page, /gemma3:12b/).dblclick()
      await switching(page).waitFor()
      expect(await moving(page)).toEqual([])
      await page.getByRole('button', { name: 'Cancel' }).click()
      await page.getByText('serves default, as before').first().waitFor()
    } finally {
      scene.ollama.shelf.releaseLoads()
    }
  })
})
