/** Hostile requests as data, with what they must be answered. `PORT` and `TOKEN` are filled in. */

export interface HostileRequest {
  readonly name: string
  readonly status: number | readonly number[]
  readonly bytes: string
}

const host = 'Host: 127.0.0.1:PORT\r\n'
const bearer = 'Authorization: Bearer TOKEN\r\n'
const json = 'Content-Type: application/json\r\n'

const get = (headers: string, path = '/yard/v1/status'): string => `GET ${path} HTTP/1.1\r\n${headers}\r\n`
const body = (method: string, path: string, headers: string, text: string): string =>
  `${method} ${path} HTTP/1.1\r\n${headers}Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`
const put = (headers: string, text: string, path = '/yard/v1/slots/x'): string => body('PUT', path, host + headers, text)
const upgrade = (headers: string, path = '/yard/v1/events'): string =>
  `GET ${path} HTTP/1.1\r\n${headers}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`

const row = (name: string, status: HostileRequest['status'], bytes: string): HostileRequest => ({ name, status, bytes })

const hosts: HostileRequest[] = [
  ...[
    'evil.example',
    'evil.example:PORT',
    'localhost:PORT.evil.example',
    '127.0.0.1:PORT@evil.example',
    '127.0.0.1.:PORT',
    'localhost.:PORT',
    '127.0.0.1:1',
    '127.0.0.1',
    'localhost',
    '0.0.0.0:PORT',
    '[::]:PORT',
    '169.254.169.254:PORT',
    '',
    ' ',
  ].map((value) => row(`Host ${JSON.stringify(value)}`, [400, 403], get(`Host: ${value}\r\n${bearer}`))),
  row('no Host', [400, 403], get(bearer)),
  row('two Hosts', [400, 403], get(`${host}Host: evil.example\r\n${bearer}`)),
  row('Host in capitals is ours', 200, get(`Host: LOCALHOST:PORT\r\n${bearer}`)),
  row('Host by the other loopback names', 200, get(`Host: [::1]:PORT\r\n${bearer}`)),
]

const lines: HostileRequest[] = [
  row('absolute form', [400, 403], `GET http://127.0.0.1:PORT/yard/v1/status HTTP/1.1\r\n${host}${bearer}\r\n`),
  row('absolute form of another host', [400, 403], `GET http://evil.example/yard/v1/status HTTP/1.1\r\n${host}${bearer}\r\n`),
  row('two slashes', [400, 403], get(host + bearer, '//evil.example/yard/v1/status')),
  row('CONNECT', [0, 400, 403], `CONNECT evil.example:443 HTTP/1.1\r\n${host}\r\n`),
  row('TRACE', [400, 403], `TRACE / HTTP/1.1\r\n${host}\r\n`),
  row('HTTP/1.0', [400, 403], `GET /yard/v1/status HTTP/1.0\r\n${host}${bearer}\r\n`),
  row('HTTP/1.0 without Host', [400, 403], 'GET /healthz HTTP/1.0\r\n\r\n'),
  row('a connection that takes the token off', 400, get(`${host}${bearer}Connection: authorization\r\n`)),
  row('a connection that takes the host off', 400, get(`${host}${bearer}Connection: close, Host\r\n`)),
  row('no HTTP at all', [0, 400], 'hello there\r\n\r\n'),
  row('too many headers', [400, 431], get(`${host}${bearer}${'X: y\r\n'.repeat(4000)}`)),
  row('a header that is too long', 431, get(`${host}${bearer}X: ${'y'.repeat(20_000)}\r\n`)),
  row('a header named __proto__', 200, get(`${host}${bearer}__proto__: x\r\n`)),
]

const origins: HostileRequest[] = [
  ...[
    'null',
    'http://evil.example',
    'https://127.0.0.1:PORT',
    'http://127.0.0.1',
    'http://127.0.0.1:1',
    'http://localhost:PORT.evil.example',
    'http://127.0.0.1:PORT.evil.example',
    'http://localhost.:PORT',
    'chrome-extension://abcdefgh',
    'file://',
    '*',
    'tauri://evil',
  ].map((value) => row(`Origin ${value}`, 403, get(`${host}${bearer}Origin: ${value}\r\n`))),
  row('two Origins', 403, get(`${host}${bearer}Origin: http://127.0.0.1:PORT\r\nOrigin: http://evil.example\r\n`)),
  ...['http://127.0.0.1:PORT', 'http://localhost:PORT', 'tauri://localhost', 'http://tauri.localhost', 'https://tauri.localhost'].map(
    (value) => row(`allowed Origin ${value}`, 200, get(`${host}${bearer}Origin: ${value}\r\n`)),
  ),
  ...['cross-site', 'same-site'].map((site) => row(`Sec-Fetch-Site ${site}`, 403, get(`${host}${bearer}Sec-Fetch-Site: ${site}\r\n`))),
  row('an allowed Origin outranks Sec-Fetch-Site', 200, get(`${host}${bearer}Origin: tauri://localhost\r\nSec-Fetch-Site: cross-site\r\n`)),
  row(
    'a foreign preflight',
    403,
    `OPTIONS /yard/v1/status HTTP/1.1\r\n${host}Origin: http://evil.example\r\nAccess-Control-Request-Method: GET\r\n\r\n`,
  ),
  row(
    'an allowed preflight',
    204,
    `OPTIONS /yard/v1/status HTTP/1.1\r\n${host}Origin: tauri://localhost\r\nAccess-Control-Request-Method: GET\r\n\r\n`,
  ),
  row('a preflight of nobody', 405, `OPTIONS /yard/v1/status HTTP/1.1\r\n${host}\r\n`),
]

const tokens: HostileRequest[] = [
  row('no token', 401, get(host)),
  row('a wrong token', 401, get(`${host}Authorization: Bearer nonsense\r\n`)),
  row('a token with something behind it', 401, get(`${host}Authorization: Bearer TOKENx\r\n`)),
  row('an empty token', 401, get(`${host}Authorization: Bearer \r\n`)),
  row('Basic', 401, get(`${host}Authorization: Basic TOKEN\r\n`)),
  row('two Authorizations', 400, get(`${host}${bearer}Authorization: Bearer nonsense\r\n`)),
  row('two keys', 400, get(`${host}X-Api-Key: TOKEN\r\nX-Api-Key: nonsense\r\n`)),
  row('in another header', 401, get(`${host}X-Api-Key: TOKEN\r\n`)),
  row('in a cookie', 401, get(`${host}Cookie: token=TOKEN; Authorization=TOKEN\r\n`)),
  row('in the query', 401, get(host, '/yard/v1/status?token=TOKEN')),
  row('in the path', 401, get(host, '/t/TOKEN/yard/v1/status')),
  row('an unknown route without a token says no more than 401', 401, get(host, '/nothing/here')),
  row('an unknown route', 404, get(host + bearer, '/nothing/here')),
  row('health needs none', 200, get(host, '/healthz')),
]

const pages: HostileRequest[] = [
  row('the page needs none', 200, get(host, '/')),
  row('the page by another Host', 403, get('Host: evil.example\r\n', '/')),
  row('the page for another site', 403, get(`${host}Sec-Fetch-Site: cross-site\r\n`, '/')),
  row('the page in a frame', 403, get(`${host}Sec-Fetch-Site: same-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n`, '/')),
  row('the page for an Origin that is not allowed', 403, get(`${host}Origin: http://evil.example\r\n`, '/')),
  row('a file beside the page', [400, 401], get(host, '/assets/../../secret.js')),
  row('a file beside the page, in percents', 401, get(host, '/assets/%2e%2e%2f%2e%2e%2fsecret.js')),
  row('a file beside the page, backwards', [400, 401], get(host, '/assets\\..\\..\\secret.js')),
  row('a link in the page', 401, get(host, '/assets/link.js')),
  row('signing in with a wrong code', 401, body('POST', '/yard/v1/session', host + json, '{"code":"guess"}')),
  row('signing in as a form could', 415, body('POST', '/yard/v1/session', `${host}Content-Type: text/plain\r\n`, '{"code":"guess"}')),
  row(
    'signing in from another site',
    403,
    body('POST', '/yard/v1/session', `${host}${json}Origin: http://evil.example\r\n`, '{"code":"guess"}'),
  ),
  row('signing in with a code in the query', 400, body('POST', '/yard/v1/session?code=guess', host + json, '{"code":"guess"}')),
  row('signing in by GET', 401, get(host, '/yard/v1/session')),
  row('a code without a token', 401, body('POST', '/yard/v1/session/codes', host, '')),
  row('signing out with the token of the home', 409, body('DELETE', '/yard/v1/session', host + bearer, '')),
]

const deep = `${'{"a":'.repeat(200)}1${'}'.repeat(200)}`
const bodies: HostileRequest[] = [
  row('text/plain, as a form could send it', 415, put(`${bearer}Content-Type: text/plain\r\n`, '{"queueSeconds":1}')),
  row('a form', 415, put(`${bearer}Content-Type: application/x-www-form-urlencoded\r\n`, 'queueSeconds=1')),
  row('no content type', 415, put(bearer, '{"queueSeconds":1}')),
  row('two content types', 400, put(`${bearer}${json}Content-Type: text/plain\r\n`, '{"queueSeconds":1}')),
  row('not JSON', 400, put(bearer + json, '{"queueSeconds":')),
  row('an unknown field', 400, put(bearer + json, '{"queueSeconds":1,"evil":1}')),
  row('__proto__', 400, put(bearer + json, '{"__proto__":{"policy":"replace"}}')),
  row('a list', 400, put(bearer + json, '[]')),
  row('too deep', 400, put(bearer + json, deep)),
  row('too large by its own word', 413, `PUT /yard/v1/slots/x HTTP/1.1\r\n${host}${bearer}${json}Content-Length: 104857600\r\n\r\n`),
  row(
    'too large in chunks',
    [0, 413],
    `PUT /yard/v1/slots/x HTTP/1.1\r\n${host}${bearer}${json}Transfer-Encoding: chunked\r\n\r\n${`20000\r\n${'x'.repeat(0x20000)}\r\n`.repeat(12)}0\r\n\r\n`,
  ),
  row(
    'length and chunks at once',
    400,
    `PUT /yard/v1/slots/x HTTP/1.1\r\n${host}${bearer}${json}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ),
  row('a name outside the grammar', 400, put(bearer + json, '{}', '/yard/v1/slots/Bad%20Name')),
  row('a name that climbs', [400, 404], put(bearer + json, '{}', '/yard/v1/slots/%2e%2e%2f%2e%2e')),
  row('a model that climbs', 400, body('PATCH', '/yard/v1/models/..%2F..%2Fetc%2Fpasswd', host + bearer + json, '{"pinned":true}')),
  row('a model with control characters', 400, body('PATCH', '/yard/v1/models/a%1b%5b31m', host + bearer + json, '{"pinned":true}')),
  row(
    'a model of 64 KiB',
    [400, 414, 431],
    body('PATCH', `/yard/v1/models/${'x'.repeat(65_536)}`, host + bearer + json, '{"pinned":true}'),
  ),
  row('a model with broken percents', [400, 404], get(host + bearer, '/yard/v1/models/%E0%A4%A')),
  row('a query twice', 400, get(host + bearer, '/yard/v1/models?kind=all&kind=chat')),
  row('an unknown query', 400, get(host + bearer, '/yard/v1/models?evil=1')),
  row('a switch by GET', 405, get(host + bearer, '/yard/v1/slots/default/switch')),
  row('a switch by HEAD', [404, 405], `HEAD /yard/v1/slots/default/switch HTTP/1.1\r\n${host}${bearer}\r\n`),
  row('a method that is not there', 405, `DELETE /yard/v1/status HTTP/1.1\r\n${host}${bearer}\r\n`),
  row('a since that is none', 400, get(host + bearer, '/yard/v1/events?since=evil')),
  row('a Last-Event-ID that is none', 400, get(`${host}${bearer}Last-Event-ID: 1;DROP\r\n`, '/yard/v1/events')),
]

const sockets: HostileRequest[] = [
  row('WebSocket: foreign Host', [400, 403], upgrade(`Host: evil.example\r\n${bearer}`)),
  row('WebSocket: foreign Origin', 403, upgrade(`${host}${bearer}Origin: http://evil.example\r\n`)),
  row('WebSocket: null', 403, upgrade(`${host}${bearer}Origin: null\r\n`)),
  row('WebSocket: a wrong token', 401, upgrade(`${host}Authorization: Bearer nonsense\r\n`)),
  row('WebSocket: two tokens', 401, upgrade(`${host}${bearer}${bearer}`)),
  row('WebSocket: another path', 404, upgrade(host + bearer, '/yard/v1/status')),
  row('WebSocket: the right token', 101, upgrade(host + bearer)),
  row('WebSocket: the token comes later', 101, upgrade(host)),
]

export const corpus: readonly HostileRequest[] = [...hosts, ...lines, ...origins, ...tokens, ...pages, ...bodies, ...sockets]
