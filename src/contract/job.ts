import { z } from 'zod'
import { fit, hubPath, hubRepo, hubRevision, quantizationName } from './hub.ts'
import { jobKinds, jobStages, jobStates } from './job-state.ts'
import { catalogShape } from './name-rules.ts'
import { modelName, providerId, slotName } from './names.ts'
import { switchResult } from './switch.ts'
import { waitReasons } from './wait-reason.ts'

const fromRepo = z.strictObject({
  repo: hubRepo,
  quantization: quantizationName.optional(),
  file: hubPath.optional(),
  revision: hubRevision.optional(),
})
const fromCatalog = z.strictObject({
  catalog: z.string().regex(catalogShape.shape, catalogShape.says),
  quantization: quantizationName.optional(),
})
const fromEngine = z.strictObject({ name: modelName, from: providerId })
const fromRef = z.strictObject({ ref: modelName })
const fromPath = z.strictObject({ path: z.string().min(1).max(4096) })

/** Where a model comes from: exactly one of the five forms. */
export const source = z.union([fromRepo, fromCatalog, fromEngine, fromRef, fromPath]).meta({
  id: 'Source',
  description: "A Hub repository, a catalogue entry, an engine's own name, what an engine holds, or a file or folder of this machine",
})
export type Source = z.infer<typeof source>

const wishes = {
  into: z.array(providerId).min(1).max(16).optional().meta({ description: 'The engines that get it' }),
  switch: z
    .union([slotName, z.literal(false)])
    .optional()
    .meta({ description: 'The slot that is switched to it at the end' }),
  bytesPerSecond: z.number().int().min(1024).max(1e12).optional().meta({ description: 'Limit of this download' }),
}

/** A `Source` and what is wished of it, in one object. */
export const jobRequest = z
  .union([fromRepo.extend(wishes), fromCatalog.extend(wishes), fromEngine.extend(wishes), fromRef.extend(wishes), fromPath.extend(wishes)])
  .meta({ id: 'JobRequest', description: 'A Source with `into`, `switch` and `bytesPerSecond`' })
export type JobRequest = z.infer<typeof jobRequest>

export const jobFile = z.object({
  path: z.string().meta({ description: 'Its name in the repository, or its own' }),
  bytes: z.number().optional(),
  sha256: z.string().optional(),
})
export type JobFile = z.infer<typeof jobFile>

export const importStrategies = [
  'library',
  'reflink',
  'hard-link',
  'copy',
  'lms',
  'registry-link',
  'registry-copy',
  'engine-pull',
  'present',
] as const
export type ImportStrategy = (typeof importStrategies)[number]

/** How one engine is to get the files, chosen before a byte moves. */
export const importPlan = z
  .object({
    provider: providerId,
    strategy: z.enum(importStrategies).meta({
      description:
        '`library`: it reads the library; `lms`: by the lms command; `registry-link`, `registry-copy`: Ollama pulls from a loopback registry, without or with a second copy; `engine-pull`: the engine loads it down itself; `present`: it has it already',
    }),
    reason: z.string().meta({ description: 'Why this one' }),
    name: z.string().optional().meta({ description: 'What it will be called there, as far as is known' }),
    extraBytes: z.number().optional().meta({ description: 'What it costs on disk beyond the library; absent: not known' }),
  })
  .meta({ id: 'ImportPlan' })
export type ImportPlan = z.infer<typeof importPlan>

export const plannedFile = jobFile.extend({
  role: z.enum(['weights', 'projector']),
  from: z
    .enum(['download', 'library', 'link', 'copy', 'engine'])
    .meta({ description: '`link`: these bytes are on this machine already; `engine`: the engine fetches them' }),
  already: z.string().optional().meta({ description: 'Where they are already' }),
})
export type PlannedFile = z.infer<typeof plannedFile>

export const jobPlan = z
  .object({
    kind: z.enum(jobKinds),
    source,
    repo: z.string().optional(),
    commit: z.string().optional().meta({ description: 'Everything is fetched as of this one' }),
    quantization: z.string().optional(),
    choice: z.string().optional().meta({ description: 'Why this repository and this quantization' }),
    licence: z.string().optional(),
    architecture: z.string().optional(),
    contextLength: z.number().int().optional(),
    template: z.boolean().optional().meta({ description: 'The file brings a chat template' }),
    fit: fit.optional(),
    files: z.array(plannedFile),
    downloadBytes: z.number().meta({ description: 'Bytes still to be fetched' }),
    imports: z.array(importPlan),
    volumes: z.array(
      z
        .object({ path: z.string(), neededBytes: z.number(), freeBytes: z.number().optional() })
        .meta({ description: 'A volume that is written' }),
    ),
    switch: slotName.optional(),
    warnings: z.array(z.string()),
  })
  .meta({ id: 'JobPlan', description: 'What a job will do, exactly; nothing has been written yet' })
export type JobPlan = z.infer<typeof jobPlan>

export const jobResult = z
  .object({
    refs: z.array(z.object({ ref: z.string(), verified: z.boolean(), reason: z.string().optional() })),
    verified: z.boolean().meta({ description: 'Every ref answered' }),
    switch: switchResult.optional(),
  })
  .meta({ id: 'JobResult' })
export type JobResult = z.infer<typeof jobResult>

export const jobError = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string(),
  retryable: z.boolean(),
  details: z.record(z.string(), z.unknown()).optional(),
})

export const job = z
  .object({
    id: z.string(),
    kind: z.enum(jobKinds),
    state: z.enum(jobStates),
    stage: z.enum(jobStages),
    waitingFor: z.enum(waitReasons).optional().meta({ description: 'It goes on by itself when it can' }),
    source,
    files: z.array(jobFile),
    into: z.array(providerId),
    bytesDone: z.number(),
    bytesTotal: z.number().optional(),
    bytesPerSecond: z.number().optional(),
    secondsLeft: z.number().optional(),
    note: z.string().optional().meta({ description: 'What the stage alone does not say: a block fetched again, why it waits' }),
    plan: jobPlan.optional().meta({ description: 'What it does, once its preflight has ended' }),
    error: jobError.optional(),
    result: jobResult.optional(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Job' })
export type Job = z.infer<typeof job>

export const jobParams = z.object({ id: z.string().regex(/^[a-z0-9-]{1,64}$/) })
export const cancelJob = z.strictObject({ partial: z.enum(['keep', 'remove']).optional() })
export type CancelJob = z.infer<typeof cancelJob>
