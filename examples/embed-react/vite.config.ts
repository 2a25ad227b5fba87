import { defineConfig } from 'vite'

/** What the app's own server would do, in the server of the development: the token comes from its environment. */
export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'react' } },
  server: { host: '127.0.0.1' },
  plugins: [
    {
      name: 'access',
      configureServer(server) {
        const { MODELYARD_TOKEN: token, MODELYARD_ADDRESS: address = 'http://127.0.0.1:7411' } = process.env
        server.middlewares.use('/modelyard/access', (request, response) => {
          if (request.headers['sec-fetch-site'] !== 'same-origin') return response.writeHead(403).end()
          response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
          response.end(JSON.stringify({ address, token }))
        })
      },
    },
  ],
})
