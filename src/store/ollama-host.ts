/**
 * `OLLAMA_HOST` in every form that Ollama itself accepts, as the address a client connects to.
 * Source: envconfig/config.go of Ollama.
 */
const defaultPort = '11434'

export function ollamaAddress(written: string | undefined): string | undefined {
  const text = (written ?? '')
    .trim()
    .replace(/^["']|["']$/g, '')
    .trim()
  if (text === '') return undefined
  const [, scheme = '', rest = ''] = /^(?:([a-z]+):\/\/)?(.*)$/i.exec(text) ?? []
  const slash = rest.indexOf('/')
  const hostPort = slash === -1 ? rest : rest.slice(0, slash)
  const path = slash === -1 ? '' : rest.slice(slash).replace(/\/+$/, '')
  const { host, port } = split(hostPort)
  const https = scheme.toLowerCase() === 'https' || host === 'ollama.com'
  return `${https ? 'https' : 'http'}://${connectable(host)}:${port ?? portOf(scheme, host)}${path}`
}

const portOf = (scheme: string, host: string): string => {
  if (scheme.toLowerCase() === 'http') return '80'
  return scheme.toLowerCase() === 'https' || host === 'ollama.com' ? '443' : defaultPort
}

function split(hostPort: string): { host: string; port?: string } {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(hostPort)
  if (bracketed) return withPort(bracketed[1] ?? '', bracketed[2])
  const colons = hostPort.split(':').length - 1
  if (colons > 1) return { host: hostPort }
  const colon = hostPort.indexOf(':')
  return colon === -1 ? { host: hostPort } : withPort(hostPort.slice(0, colon), hostPort.slice(colon + 1))
}

/** A port that is none falls back to the default, as in Ollama. */
function withPort(host: string, port: string | undefined): { host: string; port?: string } {
  if (port === undefined) return { host }
  const valid = /^\d{1,5}$/.test(port) && Number(port) <= 65_535
  return { host, port: valid ? port : defaultPort }
}

/** A server that listens on everything is reached over loopback. */
function connectable(host: string): string {
  if (host === '' || host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}
