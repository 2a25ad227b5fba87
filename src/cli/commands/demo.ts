import type { RunCommand } from '../command-spec.ts'

export const run: RunCommand = async ({ io, signal }) => {
  const { runDemo } = await import('../demo/run-demo.ts')
  return runDemo({ io, signal })
}
