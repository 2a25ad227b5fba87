import type { Client } from '../../client/index.ts'
import { ModelyardError } from '../../contract/index.ts'
import type { CommandContext, RunCommand } from '../command-spec.ts'
import { connect } from '../connection.ts'
import { runJob, showWarnings } from '../follow-job.ts'
import { pullRequest } from '../job-request.ts'
import { showPairs } from '../pairs.ts'
import { planPairs } from '../plan-pairs.ts'

/** Shows the plan, then gets the model. With --dry-run only the plan, which is the data then. */
export const run: RunCommand = async (context) => {
  const { io, options, signal } = context
  const request = pullRequest(context)
  const dryRun = options.dryRun === true
  await using connection = await connect(context, dryRun ? 'read' : 'serve')
  const { client } = connection
  if (!dryRun) return await runJob(context, connection, request).catch((error: unknown) => explained(context, client, error))
  const plan = await client.jobs.preflight(request, { signal }).catch((error: unknown) => explained(context, client, error))
  if (io.json) io.document(plan)
  else showPairs(io, planPairs(plan))
  if (!io.json) showWarnings(io, plan.warnings)
  return 0
}

/** `ollama/qwen3:8b` has the form of a repository, and is the name of a model in an engine. */
async function explained({ words: [word = ''], signal }: CommandContext, client: Client, error: unknown): Promise<never> {
  if (!ModelyardError.is(error) || error.code !== 'repo_not_found') throw error
  const providers = await client.providers.list({ signal })
  const engine = providers.find(({ id }) => word.startsWith(`${id}/`))?.id
  if (engine === undefined) throw error
  const name = word.slice(engine.length + 1)
  throw new ModelyardError(error.code, error.message, {
    hint: `${engine} is an engine here: \`modelyard pull --from ${engine} ${name}\` lets it fetch that; \`modelyard share ${word} --into ID\` gives what it holds to another.`,
    cause: error.cause,
  })
}
