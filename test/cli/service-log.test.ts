import { describe, expect, it } from 'vitest'
import type { Io } from '../../src/cli/io.ts'
import { openLog } from '../../src/cli/service-log.ts'

const plain = { dim: String, red: String, yellow: String, green: String } as unknown as Io['errColor']

describe('the log of a service', () => {
  it.each([false, true])('has no token in it, wherever one stands (on a terminal: %s)', (live) => {
    const lines: string[] = []
    const log = openLog({ live, errColor: plain, err: (line: string) => void lines.push(line) } as unknown as Io)
    const [made, own] = [`mdy_${'x'.repeat(43)}`, 'a-secret-of-a-variable']
    log.info(`refused: GET /t/${own}/v1/models`)
    log.error({ err: new Error(`connect http://127.0.0.1:7411/t/${own}`), url: `/t/${own}/api/chat` }, `with ${made}`)
    log.info({ headers: { authorization: `Bearer ${own}` } }, 'asked')
    const text = lines.join('')
    expect(lines).toHaveLength(3)
    expect(text).toContain('refused')
    expect(text).not.toContain(own)
    expect(text).not.toContain(made)
    if (!live) for (const line of lines) JSON.parse(line)
  })
})
