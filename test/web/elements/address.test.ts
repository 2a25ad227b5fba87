/** Which addresses a host may give. */
import { describe, expect, it } from 'vitest'
import { serviceUrl } from '../../../web/src/elements/address.ts'

describe('the address of a service', () => {
  it.each([
    ['http://127.0.0.1:7411', 'http://127.0.0.1:7411'],
    ['http://127.0.0.1:7411/', 'http://127.0.0.1:7411'],
    ['https://models.example/yard/?a=1#b', 'https://models.example/yard'],
    ['HTTP://[::1]:7411//', 'http://[::1]:7411'],
  ])('%s', (address, url) => expect(serviceUrl(address)).toBe(url))

  it.each(['', '127.0.0.1:7411', '/yard', 'javascript:alert(1)', 'ws://127.0.0.1', 'http://user:secret@127.0.0.1', 'file:///etc'])(
    'is not %j',
    (address) => expect(() => serviceUrl(address)).toThrow(expect.objectContaining({ code: 'invalid_request' })),
  )
  it('is not said at any length', () => {
    try {
      serviceUrl('x'.repeat(10_000))
      expect.unreachable()
    } catch (error) {
      expect((error as Error).message.length).toBeLessThan(400)
    }
  })
})
