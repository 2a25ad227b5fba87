/** Bodies that no engine should get, as data: for every route that takes one. */

export interface BadBody {
  readonly name: string
  readonly status: number
  /** What the error names, where the dialect has a place for it. */
  readonly field?: string
  readonly body: string | Uint8Array<ArrayBuffer>
}

export const chatPaths = ['/v1/chat/completions', '/v1/messages', '/api/chat', '/api/generate'] as const
export const otherPaths = [
  '/v1/completions',
  '/v1/responses',
  '/v1/embeddings',
  '/v1/messages/count_tokens',
  '/api/embed',
  '/api/embeddings',
] as const

const hello = [{ role: 'user', content: 'Hello' }]
const about: Readonly<Record<string, object>> = {
  '/api/generate': { prompt: 'Hello' },
  '/v1/completions': { prompt: 'Hello' },
  '/v1/responses': { input: 'Hello' },
  '/v1/embeddings': { input: 'Hello' },
  '/api/embed': { input: 'Hello' },
  '/api/embeddings': { prompt: 'Hello' },
}

/** One that is right. */
export const goodBody = (path: string, model: string): Record<string, unknown> => ({
  model,
  ...(about[path] ?? { messages: hello, max_tokens: 4 }),
})

const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
const withText = (path: string, model: string, member: string): string => `${JSON.stringify(goodBody(path, model)).slice(0, -1)},${member}}`

/** For every route. */
export function brokenBodies(path: string, model: string): BadBody[] {
  const good = JSON.stringify(goodBody(path, model))
  const row = (name: string, body: BadBody['body'], field?: string, status = 400): BadBody => ({
    name,
    status,
    body,
    ...(field !== undefined && { field }),
  })
  return [
    row('nothing', ' '),
    row('cut JSON', good.slice(0, -3)),
    row('a list', `[${good}]`),
    row('a text', '"hello"'),
    row('something behind it', `${good}{}`),
    row(
      'no UTF-8',
      Buffer.concat([Buffer.from(good.slice(0, -1)), Buffer.from(',"user":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]),
    ),
    row('a comma too much', `${good.slice(0, -1)},}`),
    row('NaN', withText(path, model, '"temperature":NaN')),
    row('depth 10,000', withText(path, model, `"metadata":${nested(10_000)}`)),
    row('a model that is a number', JSON.stringify({ ...goodBody(path, model), model: 7 }), 'model'),
    row('a model that is an object', JSON.stringify({ ...goodBody(path, model), model: { name: model } }), 'model'),
    row('a second model', withText(path, model, '"model":"other/tiny"'), 'model'),
    row('a second model, escaped', withText(path, model, '"mod\\u0065l":"other/tiny"'), 'model'),
    row('api_base', withText(path, model, '"api_base":"http://127.0.0.1:9"'), 'api_base'),
    row('base_url', withText(path, model, '"base_url":"http://127.0.0.1:9"'), 'base_url'),
    row('headers', withText(path, model, '"headers":{"authorization":"Bearer x"}'), 'headers'),
    row('an unknown model', JSON.stringify({ ...goodBody(path, model), model: 'nobody/knows' }), undefined, 404),
  ]
}

const isOllama = (path: string): boolean => path.startsWith('/api/')

/** For chats: what would make no sense to any engine, and what one would fetch. */
export function wrongChats(path: string, model: string, address: string): BadBody[] {
  const good = goodBody(path, model)
  const row = (name: string, change: object, field: string): BadBody => ({
    name,
    status: 400,
    field,
    body: JSON.stringify({ ...good, ...change }),
  })
  const number = (name: string, value: unknown): BadBody =>
    isOllama(path)
      ? row(`options.${name}: ${value}`, { options: { [name === 'max_tokens' ? 'num_predict' : name]: value } }, 'options')
      : row(`${name}: ${value}`, { [name]: value }, name)
  const huge = (name: string): BadBody => ({
    name: `${name}: 1e400`,
    status: 400,
    field: isOllama(path) ? 'options' : name,
    body: withText(path, model, isOllama(path) ? `"options":{"${name}":1e400}` : `"${name}":1e400`).replace('"max_tokens":4,', ''),
  })
  const numbers = [
    number('temperature', 'hot'),
    number('temperature', -1),
    number('temperature', [1]),
    number('temperature', 1e9),
    number('top_p', -0.5),
    number('top_k', 1e300),
    number('max_tokens', -5),
    number('max_tokens', 1e300),
    number('max_tokens', 1.5),
    huge('temperature'),
    row('stream: "yes"', { stream: 'yes' }, 'stream'),
    row('stream: 1', { stream: 1 }, 'stream'),
  ]
  if (path === '/api/generate')
    return [...numbers, row('a prompt of a number', { prompt: 7 }, 'prompt'), row('a prompt of a list', { prompt: ['x'] }, 'prompt')]
  const said = [
    row('messages of a text', { messages: 'Hello' }, 'messages'),
    row('messages of an object', { messages: { role: 'user', content: 'Hello' } }, 'messages'),
    row('messages of a number', { messages: 7 }, 'messages'),
    row('messages of texts', { messages: ['Hello'] }, 'messages'),
    row('messages of nothing', { messages: [null] }, 'messages'),
    row('tools of a text', { tools: 'all' }, 'tools'),
  ]
  if (path === '/api/chat') return [...numbers, ...said]
  const without = [row('no messages', { messages: undefined }, 'messages'), row('empty messages', { messages: [] }, 'messages')]
  return [...numbers, ...said, ...without, ...images(path, good, address)]
}

function images(path: string, good: Record<string, unknown>, address: string): BadBody[] {
  const row = (name: string, part: object, field: string): BadBody => ({
    name,
    status: 400,
    field,
    body: JSON.stringify({ ...good, messages: [{ role: 'user', content: [{ type: 'text', text: 'Look:' }, part] }] }),
  })
  if (path === '/v1/messages') {
    const image = { type: 'image', source: { type: 'url', url: address } }
    return [
      row('an image by its address', image, 'source'),
      row('an image by its address, of a tool', { type: 'tool_result', tool_use_id: 'a', content: [image] }, 'source'),
    ]
  }
  return [
    row('an image by its address', { type: 'image_url', image_url: { url: address } }, 'image_url'),
    row('an image by its address, bare', { type: 'image_url', image_url: address }, 'image_url'),
    row('an image of a file', { type: 'image_url', image_url: { url: 'file:///etc/passwd' } }, 'image_url'),
    row('an image of a host alone', { type: 'image_url', image_url: { url: address.replace('http:', '') } }, 'image_url'),
  ]
}
