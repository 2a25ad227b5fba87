/** The way out: what the proxy does not answer is not waited for, and nothing stays open. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type LookupFunction, type Socket } from 'node:net'
import { expect, it } from 'vitest'
import { createOutbound, proxyRefusal } from '../../src/platform/outbound.ts'
import { noProxies, proxiesOf } from '../../src/platform/proxies.ts'
import { fakeHub, fakeProxy } from '../../src/testing/index.ts'

it('a proxy that is silent is given up', async () => {
  const sockets: Socket[] = []
  const silent = createServer((socket) => void sockets.push(socket.on('error', () => undefined)))
  await once(silent.listen(0, '127.0.0.1'), 'listening')
  const proxies = proxiesOf({ HTTP_PROXY: `http://127.0.0.1:${(silent.address() as AddressInfo).port}` })
  const outbound = createOutbound({ proxies, connectMs: 100 })
  await expect(outbound.request({ origin: 'http://hub.example', path: '/', method: 'GET' })).rejects.toMatchObject({
    code: 'UND_ERR_HEADERS_TIMEOUT',
  })
  expect(sockets).toHaveLength(1)
  await outbound.destroy()
  for (const socket of sockets) socket.destroy()
  await new Promise((resolve) => silent.close(resolve))
})

it('its refusal is told by its status, other failures are none', async () => {
  const proxy = await fakeProxy({ credentials: 'a:b' })
  const outbound = createOutbound({ proxies: proxiesOf({ HTTP_PROXY: proxy.url }), connectMs: 1000 })
  const failed = await outbound.request({ origin: 'http://hub.example', path: '/', method: 'GET' }).catch((error: unknown) => error)
  expect([proxyRefusal(failed), proxyRefusal(new Error('other')), proxyRefusal('text')]).toEqual([407, undefined, undefined])
  await outbound.destroy()
  await proxy.close()
})

it('a name that leads into a private network is not followed unless that is allowed', async () => {
  const hub = await fakeHub({ repositories: [] })
  const lookUp: LookupFunction = (_, options, done) =>
    options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4)
  for (const allowed of [false, true]) {
    const outbound = createOutbound({ proxies: noProxies, connectMs: 1000, allowPrivate: async () => allowed, lookUp })
    const asking = outbound.request({ origin: `http://cdn.example:${hub.port}`, path: '/api/models', method: 'GET' })
    if (allowed) expect((await asking).statusCode).toBe(200)
    else await expect(asking).rejects.toMatchObject({ code: 'EPRIVATE' })
    await outbound.destroy()
  }
  expect(hub.ledger).toHaveLength(1)
  await hub.close()
})

it('asks names as it was told to look them up', async () => {
  const hub = await fakeHub({ repositories: [] })
  const asked: string[] = []
  const outbound = createOutbound({
    proxies: noProxies,
    connectMs: 1000,
    lookUp: (host, options, done) => {
      asked.push(host)
      if (options.all) done(null, [{ address: '127.0.0.1', family: 4 }])
      else done(null, '127.0.0.1', 4)
    },
  })
  const { statusCode, body } = await outbound.request({ origin: `http://hub.example:${hub.port}`, path: '/api/models', method: 'GET' })
  expect([statusCode, await body.json(), asked]).toEqual([200, [], ['hub.example']])
  await outbound.close()
  await hub.close()
})
