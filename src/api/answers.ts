/** How the control API says things: JSON, problems, event streams. */
import { errorCodes, ModelyardError, type SwitchResult, toProblem } from '../contract/index.ts'

const noStore = { 'cache-control': 'no-store' }

export const json = (body: unknown, status = 200): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...noStore } })

export const problem = (error: unknown, extra: Record<string, unknown> = {}, status?: number): Response => {
  const body = toProblem(ModelyardError.from(error), status)
  const wait = body.error.details?.retryAfterSeconds
  const headers = {
    'content-type': 'application/problem+json',
    ...noStore,
    ...(body.status === 401 && { 'www-authenticate': 'Bearer' }),
    ...(typeof wait === 'number' && { 'retry-after': String(wait) }),
  }
  return new Response(JSON.stringify({ ...extra, ...body, ...('error' in extra && { error: body.error }) }), {
    status: body.status,
    headers,
  })
}

const statusOfOutcome = { switched: 200, already_active: 200, rolled_back: 422, degraded: 500, superseded: 409, cancelled: 409 } as const

/** The whole result in any case; what is not a success is a problem with the result's members added. */
export function switchAnswer(result: SwitchResult): Response {
  const error = result.error ? ModelyardError.fromBody(result.error) : new ModelyardError('internal')
  const status = result.outcome === 'rejected' ? errorCodes[error.code].status : statusOfOutcome[result.outcome]
  return status === 200 ? json(result) : problem(error, { ...result }, status)
}

const encoder = new TextEncoder()
const streamHeaders = { 'content-type': 'text/event-stream', ...noStore, 'x-accel-buffering': 'no' }

/**
 * Server-sent events, pulled: nothing is made that nobody reads. The first is waited for, so that what fails before it
 * is a problem with a status. Leaving ends the source.
 */
export async function eventStream(
  source: AsyncIterable<string>,
  { heartbeatMs, heartbeat }: { heartbeatMs?: number; heartbeat?: () => string } = {},
): Promise<Response> {
  const events = source[Symbol.asyncIterator]()
  const first = await events.next()
  let pending: Promise<IteratorResult<string>> | undefined = Promise.resolve(first)
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        pending ??= events.next()
        const next = await orHeartbeat(pending, heartbeatMs)
        if (next === 'heartbeat') return controller.enqueue(encoder.encode(heartbeat?.() ?? ': \n\n'))
        pending = undefined
        if (next.done) return controller.close()
        controller.enqueue(encoder.encode(next.value))
      },
      async cancel() {
        await events.return?.()
      },
    },
    { highWaterMark: 1 },
  )
  return new Response(body, { headers: streamHeaders })
}

async function orHeartbeat<T>(next: Promise<T>, ms: number | undefined): Promise<T | 'heartbeat'> {
  if (ms === undefined) return next
  let timer: NodeJS.Timeout | undefined
  const beat = new Promise<'heartbeat'>((resolve) => {
    timer = setTimeout(() => resolve('heartbeat'), ms)
  })
  return Promise.race([next, beat]).finally(() => clearTimeout(timer))
}
