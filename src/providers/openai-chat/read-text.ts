import { ModelyardError } from '../../contract/index.ts'

/** A whole body as text. Throws `provider_protocol` when it is longer than the limit. */
export async function readText(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.byteLength
    if (bytes > maxBytes) throw new ModelyardError('provider_protocol', `Expected an answer of at most ${maxBytes} bytes; more came.`)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}
