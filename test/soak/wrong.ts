/** Requests that are refused, and whether the numbers of the service know them: those that reached a slot or a search for a model do. */
import type { SoakDialect } from './dialects.ts'

export interface Wrong {
  readonly name: string
  readonly method?: 'GET'
  readonly path?: string
  readonly token?: string
  readonly status: number
  readonly counted: boolean
  body(dialect: SoakDialect, model: string): string | undefined
}

const usual = (dialect: SoakDialect, model: string, more: object = {}): string =>
  JSON.stringify({ ...dialect.body(model, 3, false, 'Hello'), ...more })

export const wrongs: readonly Wrong[] = [
  { name: 'half a body', status: 400, counted: false, body: (dialect, model) => usual(dialect, model).slice(0, -5) },
  { name: 'two models', status: 400, counted: false, body: (dialect, model) => `{"model":"default",${usual(dialect, model).slice(1)}` },
  {
    name: 'another engine',
    status: 400,
    counted: false,
    body: (dialect, model) => usual(dialect, model, { base_url: 'http://127.0.0.1:1' }),
  },
  { name: 'a number as stream', status: 400, counted: false, body: (dialect, model) => usual(dialect, model, { stream: 1 }) },
  { name: 'a list as model', status: 400, counted: false, body: (dialect) => usual(dialect, '', { model: [] }) },
  { name: 'an unknown model', status: 404, counted: true, body: (dialect) => usual(dialect, 'nobody-has-this') },
  { name: 'an unknown token', status: 401, counted: false, token: 'nobody-made-this', body: (dialect, model) => usual(dialect, model) },
  { name: 'an unknown route', status: 404, counted: false, method: 'GET', path: '/v1/nothing', body: () => undefined },
  {
    name: 'a prompt that is too long',
    status: 400,
    counted: true,
    body: (dialect) => JSON.stringify(dialect.body('llama/d', 3, false, 'long '.repeat(2000))),
  },
]
