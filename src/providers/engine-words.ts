/** An engine's own words, fit to be shown: no control characters, no folders of this machine, of a bounded length. */

const maxChars = 500

export function engineWords(text: string): string {
  const clean = text
    .slice(0, maxChars * 8)
    .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, '')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/(^|[\s'"(=:[{,])(?:\/[^\s'"/:]+){2,}/g, (path, before: string) => before + fileName(path))
    .replace(/\b[A-Za-z]:\\(?:[^\s'"\\:]+\\)+([^\s'"\\:]+)/g, '$1')
    .replace(/\s+/g, ' ')
    .trim()
  return clean.length > maxChars ? `${clean.slice(0, maxChars - 1)}…` : clean
}

const fileName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
