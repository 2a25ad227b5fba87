/** A small page over loopback as strict as ours: a module script, an element with a shadow root, a WebSocket that echoes. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'

export interface SmallPage extends AsyncDisposable {
  readonly url: string
}

export const strictPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"

const script = `
class Light extends HTMLElement {
  #socket = new WebSocket(location.origin.replace('http', 'ws'))
  connectedCallback() {
    const root = this.attachShadow({ mode: 'open' })
    const sheet = new CSSStyleSheet()
    sheet.replaceSync('button { min-width: 48px; min-height: 48px; color: #000; background: #fff }')
    root.adoptedStyleSheets = [sheet]
    const [button, said] = [document.createElement('button'), document.createElement('p')]
    button.textContent = 'Ask'
    button.setAttribute('aria-label', 'Ask the echo')
    const field = document.querySelector('input')
    button.onclick = () => this.#socket.send(field.value)
    this.#socket.onmessage = ({ data }) => (said.textContent = 'Echo: ' + data)
    this.#socket.onopen = () => this.setAttribute('ready', '')
    root.append(button, said)
  }
}
customElements.define('a-light', Light)
`

/** `body`: what else is on it; `extra`: what else its script does. */
export async function smallPage({ body = '', extra = '' }: { body?: string; extra?: string } = {}): Promise<SmallPage> {
  const html = `<!doctype html><html lang="en"><title>Small</title><script type="module" src="/script.js"></script>
    <main><h1>Small</h1><label>What to say <input></label><a-light></a-light>${body}</main></html>`
  const server = createServer((request, response) => {
    const [type, text] = request.url === '/script.js' ? ['text/javascript', script + extra] : ['text/html', html]
    if (request.url === '/favicon.ico') return response.writeHead(204).end()
    response.writeHead(200, { 'content-type': type, 'content-security-policy': strictPolicy }).end(text)
  })
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(String(data))))
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.terminate()
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}
