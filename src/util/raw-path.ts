/** Path and query of an address as they stand: a signature is over the bytes that were given, and no parser may write them anew. */
export function rawPath(url: string): string {
  const slash = url.indexOf('/', url.indexOf('//') + 2)
  return slash === -1 ? '/' : url.slice(slash).replace(/#.*$/s, '')
}
