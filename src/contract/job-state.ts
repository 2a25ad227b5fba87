/** How far a job is. Beside the schemas, so that a browser can ask without them. */
export const jobKinds = ['ingest', 'engine-pull', 'share', 'import', 'install'] as const
export const jobStates = ['waiting', 'running', 'paused', 'succeeded', 'failed', 'cancelled'] as const
export const jobStages = ['resolve', 'preflight', 'download', 'check', 'import', 'verify', 'switch', 'done'] as const
export type JobKind = (typeof jobKinds)[number]
export type JobState = (typeof jobStates)[number]
export type JobStage = (typeof jobStages)[number]

/** It will not change any more. */
export const jobHasEnded = ({ state }: { readonly state: JobState }): boolean =>
  state === 'succeeded' || state === 'failed' || state === 'cancelled'
