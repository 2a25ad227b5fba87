import type { RunCommand } from '../command-spec.ts'

export const run: RunCommand = async ({ io, env, signal }) => {
  const { runDemo } = await import('../demo/run-demo.ts')
  return runDemo({ io, env, signal })
}
