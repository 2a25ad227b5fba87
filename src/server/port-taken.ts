/** Names the port that is taken, what to do, and, where it is so, that a Modelyard is there already. */
import { ModelyardError } from '../contract/index.ts'

const lookMs = 1000

export async function portTaken(host: string, port: number): Promise<ModelyardError> {
  const ours = await isModelyard(`http://${host.includes(':') ? `[${host}]` : host}:${port}`)
  const who = ours ? 'A Modelyard service listens there already.' : 'Another program listens there.'
  const hint = ours
    ? 'Use that one (`modelyard status`), end it with `modelyard stop`, or choose another port with --port.'
    : 'Choose another port with --port (0 picks a free one), or end that program.'
  return new ModelyardError('port_taken', `The port ${port} of ${host} is taken. ${who}`, { hint, details: { port, modelyard: ours } })
}

/** Health is open and constant; the control API refuses in our own shape. No token is sent. */
async function isModelyard(url: string): Promise<boolean> {
  try {
    const [health, status] = await Promise.all(
      ['/healthz', '/yard/v1/status'].map((path) => fetch(url + path, { signal: AbortSignal.timeout(lookMs), redirect: 'manual' })),
    )
    return health?.ok === true && status?.status === 401 && (await status.text()).includes('urn:modelyard:error:')
  } catch {
    return false
  }
}
