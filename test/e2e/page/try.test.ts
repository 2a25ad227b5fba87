/** A conversation in the page: what a person sees of an answer, of a switch under it, and of what goes wrong. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { axe } from '../../support/axe.ts'
import { type Chromium, screenshot, startChromium, type Window } from '../../support/chromium.ts'
import { type PageScene, pageScene } from '../../support/page-scene.ts'

const qwen = 'ollama/qwen3:8b'
const gemma = 'lmstudio/google/gemma-3-4b'
const question = (page: Page) => page.getByRole('textbox', { name: 'Your question' })
const conversation = (page: Page) => page.getByRole('region', { name: 'Conversation' })
const answers = (page: Page) => conversation(page).locator('li.answer')
/** Its last words, as its figures say. */
const ended = (page: Page, at: number) => answers(page).getByText('first token after').nth(at)

async function ask(page: Page, words: string): Promise<void> {
  await question(page).fill(words)
  await question(page).press('Enter')
}

/** On a machine that has other things to do. */
const soon = (holds: () => Promise<void>): Promise<void> => vi.waitFor(holds, { timeout: 10_000 })

describe('trying a model', () => {
  let chromium: Chromium
  let scene: PageScene
  let window: Window
  let page: Page

  beforeAll(async () => {
    chromium = await startChromium()
    scene = await pageScene({
      // So small that several fit whatever else the machine does.
      ollama: {
        tokensPerSecond: 20,
        models: [
          { name: 'qwen3:8b', sizeBytes: 1e6, reasoning: true },
          { name: 'llama3.2:3b', sizeBytes: 1e6 },
        ],
      },
      studio: { models: [{ name: 'google/gemma-3-4b', sizeBytes: 1e6 }] },
      slots: { default: {}, code: {} },
    })
  })
  afterAll(async () => {
    await chromium?.close()
    await scene?.[Symbol.asyncDispose]()
  })
  beforeEach(async () => {
    scene.ollama.faults.clear()
    window = await chromium.window()
    page = window.page
    await scene.signIn(page)
    await page.getByRole('navigation').getByRole('link', { name: 'Try' }).click()
    await page.getByRole('heading', { name: 'Try', level: 1 }).waitFor()
  })
  afterEach(() => window[Symbol.asyncDispose]())

  /** The next chat of Ollama waits until it is let go. */
  function holdNextChat(): () => void {
    let release = (): void => {}
    const until = new Promise<void>((resolve) => {
      release = resolve
    })
    scene.ollama.faults.add({ path: '/api/chat', fault: { kind: 'hold', until }, times: 1 })
    return release
  }
  const hasReached = (words: string): Promise<void> =>
    scene.ollama.waitFor(() => scene.ollama.ledger.some(({ path, text }) => path === '/api/chat' && text.includes(words)))
  const leases = async (): Promise<number | undefined> => (await scene.yard.status()).slots.find(({ slot }) => slot === 'default')?.leases
  const use = async (ref: string, slot = 'default'): Promise<void> => {
    expect((await scene.yard.slot(slot).switch(ref, { policy: 'overlap' })).outcome).toMatch(/switched|already_active/)
  }

  it('says that nothing serves and where that is changed', async () => {
    await conversation(page).getByText('Nothing serves default.').waitFor()
    expect(await axe(page)).toEqual([])
    await question(page).fill('Hello?')
    expect(await page.getByRole('button', { name: 'Send' }).getAttribute('aria-disabled')).toBe('true')
    await question(page).press('Enter')
    expect(await answers(page).count()).toBe(0)
    await conversation(page).getByRole('link', { name: 'Switch' }).click()
    await page.getByRole('heading', { name: 'Switch', level: 1 }).waitFor({ state: 'attached' })
  })

  it('shows who answered, how fast and what was thought, tells it once, and keeps it while another panel is shown', async () => {
    await use(qwen)
    await ask(page, 'Who are you?')
    await ended(page, 0).waitFor()
    const text = (await answers(page).first().textContent()) ?? ''
    for (const part of ['qwen3:8b', 'ollama', 'epoch 1', 'thought for', '8 tokens', 'tokens/s', 'qwen3:8b#7']) expect(text).toContain(part)
    await page.getByRole('status').getByText('qwen3:8b answered: qwen3:8b#2').waitFor()
    expect(await conversation(page).getByText('qwen3:8b#0').isVisible()).toBe(false)
    await conversation(page).getByText('thought for').click()
    await conversation(page).getByText('qwen3:8b#0').waitFor()
    await screenshot(page, 'try')
    await page.getByRole('link', { name: 'Activity' }).click()
    await page.getByRole('heading', { name: 'Activity', level: 1 }).waitFor()
    await page.getByRole('navigation').getByRole('link', { name: 'Try' }).click()
    await ended(page, 0).waitFor()
    await page.emulateMedia({ colorScheme: 'dark' })
    expect(await axe(page)).toEqual([])
  })

  it('goes on while the slot is switched: the old model ends its answer, the new one gives the next', async () => {
    await use(qwen)
    const release = holdNextChat()
    await ask(page, 'A question that takes its time')
    await conversation(page).getByText('waiting for the model').waitFor()
    await hasReached('takes its time')
    await use(gemma)
    await conversation(page)
      .getByText(/^now google\/gemma-3-4b \(epoch \d+\)/)
      .waitFor()
    release()
    await ended(page, 0).waitFor()
    await conversation(page).getByText('The answer above is still that of qwen3:8b.').waitFor()
    await ask(page, 'And you?')
    await ended(page, 1).waitFor()
    expect(await answers(page).first().textContent()).toContain('qwen3:8b#7')
    expect(await answers(page).nth(1).textContent()).toContain('google/gemma-3-4b#7')
    await screenshot(page, 'try-switched')
  })

  it('says that it waits for a switch, and is answered by the new model', async () => {
    await use(gemma)
    scene.ollama.shelf.unload('llama3.2:3b')
    scene.ollama.shelf.holdLoads()
    const switched = scene.yard.slot('default').switch('ollama/llama3.2:3b', { policy: 'replace' })
    await page.getByRole('region', { name: 'Slots' }).getByText('switching', { exact: true }).waitFor()
    await ask(page, 'Who will it be?')
    await conversation(page).getByText('waiting: the slot is switching').waitFor()
    scene.ollama.shelf.releaseLoads()
    expect((await switched).outcome).toBe('switched')
    await ended(page, 0).waitFor()
    expect(await answers(page).first().textContent()).toContain('llama3.2:3b#7')
    expect(await conversation(page).locator('ol > li').allTextContents()).toMatchObject([
      expect.stringContaining('Who will it be?'),
      expect.stringContaining('now llama3.2:3b'),
      expect.stringContaining('llama3.2:3b#0'),
    ])
  })

  it('asks the slot that is chosen, and says when that is another', async () => {
    await use(qwen)
    await use(gemma, 'code')
    await ask(page, 'One')
    await ended(page, 0).waitFor()
    await page.getByRole('radio', { name: 'code' }).check()
    await page.getByText('through the slot code').waitFor()
    await conversation(page)
      .getByText(/^now google\/gemma-3-4b/)
      .waitFor()
    await ask(page, 'Two')
    await ended(page, 1).waitFor()
    expect(await answers(page).nth(1).textContent()).toContain('google/gemma-3-4b#7')
  })

  it('stops by Escape, which lets go of the engine, and says so', async () => {
    await use(qwen)
    const release = holdNextChat()
    await ask(page, 'Never mind')
    await hasReached('Never mind')
    await page.getByRole('button', { name: 'Stop' }).waitFor()
    expect(await leases()).toBe(1)
    await question(page).press('Escape')
    await answers(page)
      .getByText(/stopped after/)
      .waitFor()
    // While the engine has not said a word yet.
    await soon(async () => expect(await leases()).toBe(0))
    release()
    await ask(page, 'And now?')
    await ended(page, 0).waitFor()
    expect(scene.ollama.ledger.at(-1)?.text).not.toContain('Never mind')
  })

  it('shows what the engine says went wrong, and asks again', async () => {
    await use(qwen)
    scene.ollama.faults.add({
      path: '/api/chat',
      fault: { kind: 'error-inside', message: 'the <b>runner</b> has crashed', after: 3 },
      times: 1,
    })
    await ask(page, 'Will it hold?')
    await conversation(page).getByText('the <b>runner</b> has crashed').waitFor()
    expect(await answers(page).first().textContent()).toContain('qwen3:8b#2')
    expect(await axe(page)).toEqual([])
    await page.getByRole('button', { name: 'Try again' }).click()
    await ended(page, 0).waitFor()
    expect([await answers(page).count(), await conversation(page).getByText('crashed').count()]).toEqual([1, 0])
  })

  it('shows what a model says as text, however long it grows', async () => {
    await use(qwen)
    const line = '<img src=x onerror=alert(1)> \u202eback\u202c **bold** [link](javascript:alert(1))\n'
    scene.ollama.shelf.script.push({ text: line.repeat(2500) })
    await ask(page, 'Everything')
    await ended(page, 0).waitFor()
    expect(await conversation(page).locator('img, a, b').count()).toBe(0)
    const blocks = conversation(page).locator('.answer > .blocks > div')
    expect(await blocks.count()).toBeGreaterThan(40)
    // All of it but what would turn the text of others around.
    expect((await blocks.allTextContents()).join('') === line.replace(/[\u202c\u202e]/g, '').repeat(2500)).toBe(true)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(1280)
  })

  it('follows the end as long as the reader is there, and leads back to it', async () => {
    await use(qwen)
    scene.ollama.shelf.script.push({ text: 'line\n'.repeat(400) })
    await ask(page, 'Long')
    await ended(page, 0).waitFor()
    const fromEnd = (): Promise<number> => conversation(page).evaluate((one) => one.scrollHeight - one.scrollTop - one.clientHeight)
    await soon(async () => expect(await fromEnd()).toBeLessThan(2))
    await conversation(page).evaluate((one) => one.scrollTo({ top: 0 }))
    await page.getByRole('button', { name: 'To the end' }).click()
    await soon(async () => expect(await fromEnd()).toBeLessThan(2))
    await page.getByRole('button', { name: 'To the end' }).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Clear' }).click()
    await page.getByText('What you ask goes through the slot default to qwen3:8b').waitFor()
  })

  it('begins a line with Shift and Enter', async () => {
    await use(qwen)
    await question(page).fill('One')
    await question(page).press('Shift+Enter')
    await page.keyboard.type('Two')
    await question(page).press('Enter')
    await ended(page, 0).waitFor()
    expect(await conversation(page).locator('li.question .said').textContent()).toBe('One\nTwo')
  })
})
