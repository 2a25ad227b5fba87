import type { Client } from '../../client/index.ts'
import { ModelyardError } from '../../contract/index.ts'
import type { RunCommand } from '../command-spec.ts'
import { connect } from '../connection.ts'

/** A shell waits while somebody types: nothing is worth longer than this. */
const patienceMs = 2000

/** Names for a completion script, one on a line. Whatever goes wrong, the shell hears nothing of it. */
export const run: RunCommand = async (context) => {
  const names = namesOf[context.words[0] as keyof typeof namesOf]
  if (!names) return 0
  try {
    await using connection = await connect(context, 'read')
    const found = await names(connection.client, AbortSignal.timeout(patienceMs))
    for (const name of found) if (!/[\s\p{C}]/u.test(name)) context.io.out(`${name}\n`)
  } catch (error) {
    if (!ModelyardError.is(error)) throw error
  }
  return 0
}

const namesOf = {
  model: async (client: Client, signal: AbortSignal) => (await client.models.list({ kind: 'all', signal })).models.map(({ ref }) => ref),
  slot: async (client: Client, signal: AbortSignal) => (await client.slots.list({ signal })).map(({ slot }) => slot),
  job: async (client: Client, signal: AbortSignal) => (await client.jobs.list({ signal })).map(({ id }) => id),
  catalog: async (client: Client, signal: AbortSignal) => (await client.catalog({ signal })).entries.map(({ id }) => id),
  provider: async (client: Client, signal: AbortSignal) => (await client.providers.list({ signal })).map(({ id }) => id),
}
