/** The address of a service, as the client wants it. */
import { ModelyardError } from '../sdk.ts'

/** Without what follows the path; throws `invalid_request` for what is no address of a service. */
export function serviceUrl(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw new ModelyardError('invalid_request', `"${address.slice(0, 200)}" is no address of a service, such as http://127.0.0.1:7411.`)
  return url.origin + url.pathname.replace(/\/+$/, '')
}
