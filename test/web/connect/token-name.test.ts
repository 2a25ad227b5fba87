/** What a token may be called, and what is suggested. */
import { expect, it } from 'vitest'
import { tokenName } from '../../../src/contract/token.ts'
import { addressesOf, serviceAddress } from '../../../web/src/panels/connect/address.ts'
import { freeName, nameFault } from '../../../web/src/panels/connect/token-name.ts'

it('is judged as the service judges it', () => {
  for (const name of ['my-app', 'a', 'a.b_c-d', '9', 'x'.repeat(64), '', 'A', '-a', 'a-', 'a b', 'x'.repeat(65), '@home', 'ä', 'a\n'])
    expect([name, nameFault(name, [])]).toEqual([name, tokenName.safeParse(name).success ? undefined : 'form'])
  expect(nameFault('curl', ['curl'])).toBe('taken')
})

it('is suggested with the first number that is free', () => {
  expect(freeName('curl', [])).toBe('curl')
  expect(freeName('curl', ['curl', 'curl-2', 'curl-4'])).toBe('curl-3')
})

it('has its addresses below wherever the page is', () => {
  expect(serviceAddress({ origin: 'http://127.0.0.1:7411', pathname: '/' })).toBe('http://127.0.0.1:7411')
  expect(serviceAddress({ origin: 'https://box.example', pathname: '/yard/index.html' })).toBe('https://box.example/yard')
  expect(addressesOf('http://x', 'T')).toEqual({ openai: 'http://x/v1', plain: 'http://x', path: 'http://x/t/T' })
})
