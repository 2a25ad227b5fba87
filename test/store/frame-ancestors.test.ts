/** Who may frame the page comes from the file alone, and can be nothing but origins. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { resolveSettings } from '../../src/store/settings.ts'

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'modelyard-frames-'))
})
afterEach(() => rm(home, { recursive: true }))

async function resolved(frameAncestors: unknown) {
  await writeFile(join(home, 'modelyard.config.jsonc'), JSON.stringify({ http: { frameAncestors } }))
  return resolveSettings({ env: {}, options: { home } })
}

describe('http.frameAncestors', () => {
  it('are none by default, and are told with where they come from', async () => {
    expect((await resolveSettings({ env: {}, options: { home } })).frameAncestors).toEqual([])
    const origins = ['http://localhost:5173', 'https://app.example', 'tauri://localhost']
    const { frameAncestors, sources } = await resolved(origins)
    expect(frameAncestors).toEqual(origins)
    expect(sources.filter(({ name }) => name.startsWith('http.'))).toEqual([
      { name: 'http.frameAncestors', value: origins, source: 'file', from: join(home, 'modelyard.config.jsonc') },
    ])
  })

  it.each([
    '*',
    'null',
    "'self'",
    "'none'",
    'http://*',
    'https://*.example',
    "http://a; script-src 'unsafe-inline'",
    'http://a;script-src',
    'http://a,http://b',
    'http://a http://b',
    'http://a\r\nset-cookie: x=1',
    'http://a\n',
    'http://a/',
    'http://a/path',
    'http://user@a',
    'http://a?x',
    'http://a#x',
    'http://',
    '//a',
    'a.example',
    'javascript:alert(1)',
    'data:text/html',
    '',
  ])('%j is refused', async (value) => {
    await expect(resolved([value])).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: expect.stringContaining('frameAncestors'),
    })
  })
})
