import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import picocolors from 'picocolors'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { followFile } from '../../src/cli/follow-file.ts'
import { logLineDocument, logLineText } from '../../src/cli/log-line.ts'
import { readTail } from '../../src/cli/read-tail.ts'

let folder = ''
let path = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'modelyard-log-'))
  path = join(folder, 'log')
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('the end of a log', () => {
  it('is read from the end, over blocks and characters of several bytes', async () => {
    const lines = Array.from({ length: 5000 }, (_, index) => `line ${index} äöü ${'x'.repeat(index % 90)}`)
    writeFileSync(path, `${lines.join('\n')}\n`)
    expect((await readTail(path, { lines: 1200 })).lines).toEqual(lines.slice(-1200))
    expect((await readTail(path, { lines: 9999 })).lines).toEqual(lines)
    expect((await readTail(path, { lines: 1 })).lines).toEqual(lines.slice(-1))
  })

  it('begins where it is told, and leaves a half line to the next reader', async () => {
    writeFileSync(path, 'old\nnew\nhal')
    expect(await readTail(path, { lines: 5, from: 4 })).toEqual({ lines: ['new'], end: 8 })
    expect(await readTail(join(folder, 'none'), { lines: 5 })).toEqual({ lines: [], end: 0 })
  })

  it('is followed line by line, and from the beginning when the file was replaced', async () => {
    writeFileSync(path, 'a\nhal')
    const stop = new AbortController()
    const seen: string[] = []
    const next: Record<number, () => void> = {
      1: () => appendFileSync(path, 'two\n'),
      2: () => writeFileSync(path, 'n\n'),
      3: () => stop.abort(),
    }
    const following = followFile({
      path,
      from: 2,
      signal: stop.signal,
      onLine: (line) => {
        seen.push(line)
        next[seen.length]?.()
      },
    })
    appendFileSync(path, 'f\n')
    await following
    expect(seen).toEqual(['half', 'two', 'n'])
  })
})

describe('a line of the log', () => {
  const color = picocolors.createColors(false)

  it('is time, level, text and what else it carries', () => {
    const line = JSON.stringify({ level: 40, time: Date.UTC(2026, 0, 1), pid: 1, hostname: 'h', msg: 'slow', provider: 'ollama', ms: 12 })
    expect(logLineText(line, color)).toBe('2026-01-01 00:00:00 warn  slow provider=ollama ms=12')
  })

  it('is made safe, and stays as it is when it is no JSON', () => {
    expect(logLineText('Error: \x1b[31mboom', color)).toBe('Error: \\x1b[31mboom')
    expect(logLineText(JSON.stringify({ level: 30, msg: 'x\x1b[2J' }), color)).toContain('x\\x1b[2J')
    expect(logLineDocument('boom')).toEqual({ msg: 'boom' })
    expect(logLineDocument('{"level":30}')).toEqual({ level: 30 })
  })
})
