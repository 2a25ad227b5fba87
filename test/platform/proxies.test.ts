import { describe, expect, it } from 'vitest'
import { proxiesOf, proxyFor } from '../../src/platform/proxies.ts'

const proxy = 'http://user:pass@proxy.example:3128'

describe('the variables', () => {
  const used = (variables: Record<string, string>, scheme = 'https') => proxyFor(new URL(`${scheme}://hub.example/x`), proxiesOf(variables))

  it('are read in any case, the small letters first, blank ones not', () => {
    const both = { HTTPS_PROXY: 'http://a:1', HTTP_PROXY: 'http://b:1' }
    expect([used(both), used(both, 'http')]).toEqual(['http://a:1', 'http://b:1'])
    expect(used({ https_proxy: 'http://small:1', HTTPS_PROXY: 'http://large:1' })).toBe('http://small:1')
    expect([used({ HTTPS_PROXY: '  ' }), used({ HTTP_PROXY: 'http://b:1' })]).toEqual([undefined, undefined])
    expect([used({ ALL_PROXY: 'proxy.example:8080' }), used({ all_proxy: 'http://c:1' }, 'http')]).toEqual([
      'http://proxy.example:8080',
      'http://c:1',
    ])
    expect(proxiesOf({ NO_PROXY: ' a.example, .B.example  c ' }).except).toEqual(['a.example', '.b.example', 'c'])
  })

  it.each(['socks5://proxy.example:1080', 'http://', 'ftp://x', 'http://user:%zz@proxy.example'])(
    '%s is refused when it would be used, without repeating it',
    (value) => {
      expect(used({ HTTPS_PROXY: value }, 'http')).toBeUndefined()
      expect(() => used({ HTTPS_PROXY: value })).toThrow(
        expect.objectContaining({ code: 'invalid_configuration', message: expect.stringContaining('HTTPS_PROXY') }),
      )
      expect(() => used({ HTTPS_PROXY: value })).not.toThrow('%zz')
    },
  )
})

describe('a request', () => {
  it.each<[string, string, string | undefined]>([
    ['https://hub.example/x', '', proxy],
    ['http://hub.example/x', '', undefined],
    ['https://localhost:1/x', '', undefined],
    ['https://127.8.9.1/x', '', undefined],
    ['https://[::1]/x', '', undefined],
    ['https://hub.example/x', '*', undefined],
    ['https://hub.example/x', 'hub.example', undefined],
    ['https://HUB.example/x', 'hub.EXAMPLE', undefined],
    ['https://a.hub.example/x', 'hub.example', undefined],
    ['https://a.hub.example/x', '.hub.example', undefined],
    ['https://a.hub.example/x', '*.hub.example', undefined],
    ['https://myhub.example/x', 'hub.example', proxy],
    ['https://hub.example.org/x', 'hub.example', proxy],
    ['https://hub.example/x', 'hub.example:443', undefined],
    ['https://hub.example:8443/x', 'hub.example:443', proxy],
    ['https://10.0.0.1/x', '10.0.0.1', undefined],
    ['https://[fd00::1]/x', 'fd00::1', undefined],
    ['https://[fd00::1]:8443/x', '[fd00::1]:8443', undefined],
    ['https://hub.example/x', 'other.example, hub.example', undefined],
  ])('for %s with NO_PROXY=%s', (url, except, expected) => {
    expect(proxyFor(new URL(url), proxiesOf({ HTTPS_PROXY: proxy, NO_PROXY: except }))).toBe(expected)
  })
})
