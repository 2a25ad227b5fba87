/** Shapes of secrets that must not appear in any message, log line or answer, each with what stands in its place. */
const secrets: readonly (readonly [RegExp, string])[] = [
  // Our own hints say what to send: `Authorization: Bearer …`.
  [/\b(authorization\s*[:=]\s*)(?!bearer …(?:["'\s,.;]|$))(bearer\s+)?[^\s"',;]+/gi, '$1[redacted]'],
  [/\bbearer\s+[A-Za-z0-9._~+/=:-]{8,}/gi, 'Bearer [redacted]'],
  [/\bmdy_[A-Za-z0-9_-]{20,}/g, '[redacted]'],
  [/\bhf_[A-Za-z0-9]{8,}/g, '[redacted]'],
  [/\bsk-[A-Za-z0-9_:-]{8,}/g, '[redacted]'],
  [/(\/\/)[^/@\s:]+:[^/@\s]+@/g, '$1[redacted]@'],
  // What signs a browser in.
  [/(#code=)[A-Za-z0-9_-]+/g, '$1[redacted]'],
  // The first segment of a path, where a client that sends no header has its token.
  [/((?:^|[\s"'`(=]|:\/\/[^/\s"']+)\/t\/)[^/?#\s"']{16,}/g, '$1[redacted]'],
  [
    /([?&](?:token|key|api_key|apikey|signature|policy|x-(?:amz|goog)-(?:signature|credential|security-token))=)[^&\s"']+/gi,
    '$1[redacted]',
  ],
]

/** The text without anything that has the shape of a secret. Our own tokens begin with `mdy_` so that they have one. */
export function redact(text: string): string {
  let result = text
  for (const [shape, replacement] of secrets) result = result.replace(shape, replacement)
  return result
}
