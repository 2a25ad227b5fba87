/** Names and addresses of this machine, as far as they need no look-up. */

/** A host as in a URL or after `--host`: `127.x`, `::1`, `localhost` and its subdomains. */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '')
  return name === 'localhost' || name.endsWith('.localhost') || name === '::1' || /^127(?:\.\d{1,3}){3}$/.test(name)
}

/** Listens on everything: reached through loopback. */
export const isUnspecifiedHost = (host: string): boolean => ['0.0.0.0', '::', '[::]'].includes(host)
