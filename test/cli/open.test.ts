/** `open` and the link of `serve`, as their own processes with an opener of the test. */
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { cli, start, temporaryFolder } from './cli-process.ts'
import { configure, tinyEngine } from './tiny-engine.ts'

interface Scene {
  readonly home: string
  readonly url: string
  /** With a display, and an opener that notes what it was given. */
  readonly env: NodeJS.ProcessEnv
  /** One line for each word that the opener was given, then its folder and what it knows of our token. */
  opened(): string[]
}

async function scene(opener = 'true'): Promise<Scene> {
  const home = temporaryFolder()
  configure(home, await tinyEngine(['small']))
  const service = start(home, ['serve', '--json'], { input: 'open' })
  const [line] = await service.said(/^.*\n/)
  const programs = join(home, 'programs')
  const note = join(home, 'opened')
  mkdirSync(programs)
  writeFileSync(join(programs, 'xdg-open'), `#!/bin/sh\nprintf '%s\\n' "$#" "$@" "$PWD" "$MODELYARD_TOKEN$HF_TOKEN" > ${note}\n${opener}\n`)
  chmodSync(join(programs, 'xdg-open'), 0o755)
  return {
    home,
    url: (JSON.parse(line) as { url: string }).url,
    env: { PATH: `${programs}:${process.env.PATH}`, DISPLAY: ':0', HF_TOKEN: 'hf_of_this_test' },
    opened: () => readFileSync(note, 'utf8').split('\n'),
  }
}

const codeIn = (link: string): string => /^http:\/\/127\.0\.0\.1:\d+\/#code=([\w-]{27})$/.exec(link.trim())?.[1] ?? ''
const signIn = (url: string, code: string) =>
  fetch(`${url}/yard/v1/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ code }) })

describe.runIf(process.platform === 'linux')('open', () => {
  it('opens the browser with a link that signs in, as one word, and prints no code', async () => {
    const { home, url, env, opened } = await scene()
    const ended = await cli(home, ['open'], { env })
    expect(ended).toEqual({ code: 0, out: '', err: `Opened ${url} in the browser.\n` })
    const [count, link = '', folder, secrets] = opened()
    expect([count, folder, secrets]).toEqual(['1', join(home, 'programs'), ''])
    expect(link.startsWith(`${url}/#code=`)).toBe(true)
    expect((await signIn(url, codeIn(link))).status).toBe(201)
    expect((await signIn(url, codeIn(link))).status).toBe(401)
  })

  it('prints the link where nothing can open it, and says for how long it is good', async () => {
    const { home, url, env } = await scene('exit 3')
    const without = { ...env, DISPLAY: '' }
    const ends = await Promise.all([
      cli(home, ['open', '--print'], { env }),
      cli(home, ['open'], { env }),
      cli(home, ['open'], { env: without }),
      cli(home, ['open'], { env: { ...env, SSH_CONNECTION: '192.0.2.1 1 192.0.2.2 22' } }),
      cli(home, ['open'], { env: { ...without, WAYLAND_DISPLAY: 'wayland-0', PATH: join(home, 'nothing-here') } }),
    ])
    for (const { code, out, err } of ends) {
      expect([code, err]).toEqual([0, expect.stringContaining('one minute')])
      expect((await signIn(url, codeIn(out))).status).toBe(201)
      expect(err).not.toContain(codeIn(out))
    }
  })

  it('runs no opener that merely lies in the working folder', async () => {
    const { home, env, opened } = await scene()
    const cwd = join(home, 'programs')
    const { code, out } = await cli(home, ['open'], { env: { ...env, PATH: `.:../programs::${home}/nothing-here` }, cwd })
    expect([code, codeIn(out)]).toEqual([0, expect.stringMatching(/^[\w-]{27}$/)])
    expect(opened).toThrow('ENOENT')
  })

  it('prints one document for programs, and opens nothing', async () => {
    const { home, url, env, opened } = await scene()
    const { code, out, err } = await cli(home, ['open', '--json'], { env })
    const said = JSON.parse(out) as { url: string; expiresAt: string }
    expect([code, err, Object.keys(said)]).toEqual([0, '', ['url', 'expiresAt']])
    expect(Date.parse(said.expiresAt)).toBeGreaterThan(Date.now())
    expect((await signIn(url, codeIn(said.url))).status).toBe(201)
    expect(opened).toThrow('ENOENT')
  })

  it('starts the service in the background when none runs', async () => {
    const home = temporaryFolder()
    configure(home, await tinyEngine(['small']))
    const { code, out, err } = await cli(home, ['open', '--print'])
    try {
      expect([code, err]).toEqual([0, expect.stringContaining('started one in the background')])
      const link = new URL(out.trim())
      expect((await signIn(link.origin, codeIn(out))).status).toBe(201)
      expect((await cli(home, ['logs'])).out).not.toContain('#code=')
    } finally {
      expect(await cli(home, ['stop'])).toMatchObject({ code: 0 })
    }
  })
})

describe('the link of serve', () => {
  it('is in no pipe and no file', async () => {
    const home = temporaryFolder()
    const service = start(home, ['serve'], { input: 'open' })
    await service.said(/listening on/)
    await cli(home, ['stop'])
    const { out, err } = await service.ended
    expect(out + err).not.toContain('#code=')
  })

  it.runIf(hasTerminal())('is shown on a terminal, with how long it is good, and signs in', async () => {
    const home = temporaryFolder()
    const { said, ended } = onTerminal(home, ['serve'])
    const [, link = ''] = await said(/(http:\S+#code=[\w-]{27})/)
    expect((await signIn(new URL(link).origin, codeIn(link))).status).toBe(201)
    await said(/one minute.*`modelyard open`/)
    await cli(home, ['stop'])
    await ended
  })
})

/** `script` of util-linux runs a command on a terminal of its own. */
function hasTerminal(): boolean {
  return process.platform === 'linux' && spawnSync('script', ['--version']).stdout?.toString().includes('util-linux') === true
}

function onTerminal(home: string, words: readonly string[]) {
  const main = join(import.meta.dirname, '../../src/cli/main.ts')
  const command = [process.execPath, '--import', import.meta.resolve('tsx'), main, ...words].map((one) => `'${one}'`).join(' ')
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, HOME: home, MODELYARD_HOME: home, MODELYARD_PORT: '0', TERM: 'xterm', SHELL: '/bin/sh' },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let text = ''
  let look = (): void => {}
  child.stdout.on('data', (data) => {
    text += data
    look()
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const said = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      look = () => {
        const match = pattern.exec(text)
        if (match) resolve(match)
      }
      void ended.then(() => reject(new Error(`ended before it said ${pattern}: ${text}`)))
      look()
    })
  return { said, ended }
}
