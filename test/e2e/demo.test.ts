/** The demo as a person runs it: every line holds, and nothing is left however it ends. */
import { mkdirSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Running, start, temporaryFolder } from '../cli/cli-process.ts'
import { descendantsOf, gone, sessionGone } from '../support/processes.ts'

interface Line {
  readonly what: string
  readonly held: boolean
  readonly seen: string
}

interface Demo {
  readonly running: Running
  readonly leftOver: () => string[]
  readonly folder: string
}

/** With a folder for temporary files that nobody else has. */
function demo(...words: string[]): Demo {
  const folder = join(temporaryFolder(), 'tmp')
  mkdirSync(folder)
  return demoIn(folder, ...words)
}

function demoIn(folder: string, ...words: string[]): Demo {
  const home = dirname(folder)
  const running = start(home, ['demo', ...words], { env: { TMPDIR: folder } })
  return { running, folder, leftOver: () => readdirSync(folder).filter((name) => name.startsWith('modelyard')) }
}

describe('the demo', () => {
  it('shows switching, and getting a model through a pause and a kill, each line observed', async () => {
    const { running, leftOver } = demo('--json')
    const { code, out } = await running.ended
    const { held, lines } = JSON.parse(out) as { held: boolean; lines: Line[] }
    expect(lines.filter((one) => !one.held)).toEqual([])
    expect(lines.map(({ what }) => what)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/paused in the middle/),
        expect.stringMatching(/killed in the middle/),
        expect.stringMatching(/goes on by itself/),
        expect.stringMatching(/uninstalled/),
      ]),
    )
    expect([code, held, leftOver()]).toEqual([0, true, []])
  }, 240_000)

  it.each([
    ['switching', /is loaded and has answered/],
    ['getting', /paused in the middle/],
  ])(
    'that is interrupted leaves no process and no file: while %s',
    async (_, line) => {
      const { running, leftOver } = demo()
      await running.said(line)
      const all = await descendantsOf(running.child.pid)
      expect(all.length).toBeGreaterThan(1)
      running.child.kill('SIGINT')
      expect(await running.ended).toMatchObject({ code: 130 })
      await Promise.all([...all.map(gone), ...all.map(sessionGone)])
      expect(leftOver()).toEqual([])
    },
    240_000,
  )

  it('that is killed takes its service with it, and the next removes what is left of it, and nothing else', async () => {
    const { running, folder, leftOver } = demo()
    await running.said(/is loaded and has answered/)
    const all = await descendantsOf(running.child.pid)
    expect(all.length).toBeGreaterThan(1)
    running.child.kill('SIGKILL')
    await Promise.all([...all.map(gone), ...all.map(sessionGone)])
    const [killed = ''] = leftOver()
    expect(killed).toMatch(/^modelyard-demo-\w{6}$/)
    mkdirSync(join(folder, 'modelyard-demo-of-mine'))
    const next = demoIn(folder)
    await next.running.said(/is loaded and has answered/)
    expect([leftOver().length, leftOver().includes(killed)]).toEqual([2, false])
    next.running.child.kill('SIGINT')
    await next.running.ended
    expect(leftOver()).toEqual(['modelyard-demo-of-mine'])
  }, 240_000)
})
