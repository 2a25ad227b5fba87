/** What a person copies to show it to others has no secrets in it, and nothing that is for them alone. Pure. */
import { redact } from '../sdk.ts'

const secretName = /token|secret|password|passphrase|authorization|cookie|api_?key|credential/i
/** Counts of tokens are no secret. */
const isSecret = (name: string, value: unknown): boolean => typeof value === 'string' && secretName.test(name)

/** The same for everything in it, at any depth, names included. */
export function scrubbed(value: unknown): unknown {
  if (typeof value === 'string') return scrub(value)
  if (Array.isArray(value)) return value.map(scrubbed)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, one]) => [scrub(name), isSecret(name, one) ? '[redacted]' : scrubbed(one)])
  return Object.fromEntries(entries)
}

const shapes: readonly (readonly [RegExp, string])[] = [
  // What follows a question mark may be a signature.
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>?#]*)[?#][^\s"'<>]*/gi, '$1?…'],
  [/(:\/\/)[^/@\s"']+@/g, '$1[redacted]@'],
  [/\b([A-Z0-9_]*(?:TOKEN|SECRET|PASSWORD|KEY)\s*[=:]\s*)[^\s"',;]+/gi, '$1[redacted]'],
  // Whose machine it is.
  [/\/(?:home|Users)\/[^/\s"']+/g, '~'],
  [/\b[A-Za-z]:\\+Users\\+[^\\\s"']+/g, '~'],
]

/** The text without secrets and without the name of who has the machine. */
export function scrub(text: string): string {
  let result = redact(text)
  for (const [shape, replacement] of shapes) result = result.replace(shape, replacement)
  return result
}
