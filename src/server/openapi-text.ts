/** The OpenAPI document, made when the package is built. Read when it is first asked for. */
import { readFileSync } from 'node:fs'

let text: string | undefined

export function openapiText(): string {
  // From source this file lies in src/server, in the package its bundle lies in dist: the schemas are beside both.
  const depth = import.meta.url.endsWith('.ts') ? '../../schema/openapi.json' : '../schema/openapi.json'
  text ??= readFileSync(new URL(depth, import.meta.url), 'utf8')
  return text
}
