/** Answers that are under way: those whose token opens nothing any more end at once. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createCrowd } from '../util/crowd.ts'
import type { Access } from './access.ts'
import { headerToken, pathToken } from './credential.ts'

/** Returns what stops watching. */
export function endRevokedAnswers(server: Server, access: Access): () => void {
  const open = createCrowd<ServerResponse>()
  server.on('request', (_: IncomingMessage, response: ServerResponse) => {
    response.once('close', open.join(response))
  })
  return access.onRevoke(() => {
    for (const response of open.members()) if (mayEnd(response) && !stillOpens(response.req, access)) response.destroy()
  })
}

/** One document of the control API is answered to its end: it may be the very one that revokes. */
function mayEnd(response: ServerResponse): boolean {
  if (!response.req.url?.startsWith('/yard/')) return true
  return String(response.getHeader('content-type')).startsWith('text/event-stream')
}

function stillOpens(request: IncomingMessage, access: Access): boolean {
  const token = pathToken(request.url ?? '')?.token ?? headerToken(request)
  return token === undefined || access.accessOf(token) !== undefined
}
