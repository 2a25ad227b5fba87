/**
 * The server of an app that embeds the elements: its files, and a token of its own for its own page alone. Needs
 * nothing but Node. Run it beside a service that allows this origin:
 *
 *   modelyard serve --allow-origin http://127.0.0.1:5179
 *   MODELYARD_TOKEN=… node server.mjs      the token: modelyard token create my-app --scope control
 */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'

const types = { html: 'text/html; charset=utf-8', css: 'text/css', js: 'text/javascript' }
const own = ['index.html', 'app.css', 'app.js']

/** Resolves with the server, which listens on loopback only. */
export function serveApp({ address, token, port, elements = fileURLToPath(import.meta.resolve('modelyard/elements')) }) {
  const host = () => `127.0.0.1:${server.address().port}`
  const policy = () =>
    [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      // The elements speak to the service by one WebSocket, and to nobody else.
      `connect-src 'self' ${address.replace(/^http/, 'ws')}`,
      "base-uri 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
    ].join('; ')

  const server = createServer(async (request, response) => {
    // Another site may point a name of its own at this machine: whoever does not call us by our address gets nothing.
    if (request.headers.host !== host()) return response.writeHead(421).end()
    const name = request.url === '/' ? 'index.html' : request.url.slice(1)
    if (name === 'modelyard/access') return giveAccess(request, response)
    const file = name === 'modelyard/elements.js' ? elements : own.includes(name) ? new URL(name, import.meta.url) : undefined
    if (!file) return response.writeHead(404).end()
    const type = types[name.split('.').pop()]
    response.writeHead(200, { 'content-type': type, 'content-security-policy': policy(), 'x-content-type-options': 'nosniff' })
    response.end(await readFile(file))
  })

  /** Only to a script of our own page, and kept by no cache. */
  function giveAccess(request, response) {
    if (request.headers['sec-fetch-site'] !== 'same-origin') return response.writeHead(403).end()
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    response.end(JSON.stringify({ address, token }))
  }

  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: '127.0.0.1', port }, () => resolve(server))
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { MODELYARD_TOKEN: token, MODELYARD_ADDRESS: address = 'http://127.0.0.1:7411', PORT = '5179' } = process.env
  if (!token) {
    process.stderr.write('Name a token in MODELYARD_TOKEN: modelyard token create my-app --scope control\n')
    process.exit(1)
  }
  const server = await serveApp({ address, token, port: Number(PORT) })
  process.stdout.write(`http://127.0.0.1:${server.address().port}\n`)
}
