/** A JSON body with limits on its size and its depth, judged before it is parsed. */
import { ModelyardError } from '../contract/index.ts'

const maxBytes = 2 ** 20
const maxDepth = 32

/** Undefined for no body at all. */
export async function readBody(request: Request): Promise<unknown> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge()
  const text = await readText(request)
  if (text === '') return undefined
  requireJson(request)
  refuseDepth(text)
  try {
    return JSON.parse(text)
  } catch {
    throw new ModelyardError('invalid_request', 'The body is not valid JSON.')
  }
}

async function readText(request: Request): Promise<string> {
  if (!request.body) return ''
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of request.body as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength
    if (bytes > maxBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function requireJson(request: Request): void {
  const type = (request.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json')
    throw new ModelyardError('unsupported_media_type', `Expected a body of "application/json", got ${JSON.stringify(type || 'none')}.`)
}

/** Deep nesting costs a parser far more than its bytes do. */
function refuseDepth(text: string): void {
  let depth = 0
  let inText = false
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (inText) {
      if (code === 92) at += 1
      else if (code === 34) inText = false
    } else if (code === 34) inText = true
    else if (code === 123 || code === 91) {
      depth += 1
      if (depth > maxDepth) throw new ModelyardError('invalid_request', `The body is nested deeper than ${maxDepth} levels.`)
    } else if (code === 125 || code === 93) depth -= 1
  }
}

const tooLarge = (): ModelyardError => new ModelyardError('payload_too_large', `The body is larger than ${maxBytes} bytes.`)
