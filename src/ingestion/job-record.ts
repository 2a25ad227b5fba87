/** What is kept of a job, so that another run of the service goes on with it. */
import { z } from 'zod'
import { findEntry } from '../catalog/catalog.ts'
import { importStrategies, job, jobError, jobHasEnded, jobRequest } from '../contract/index.ts'
import { subject } from './subject.ts'

const decision = z.object({
  strategy: z.enum(importStrategies).exclude(['engine-pull']),
  reason: z.string(),
  name: z.string().optional(),
  extraBytes: z.number(),
  volume: z.string().optional(),
})

const addition = z.object({
  kind: z.enum(['file', 'model']),
  what: z.string(),
  file: z.object({ bytes: z.number(), mtimeMs: z.number(), ino: z.number().optional() }).optional(),
  from: z.string().optional(),
})

/** One engine's part of it. */
export const importRecord = z.object({
  provider: z.string(),
  /** Absent: the engine fetches it by itself. */
  decision: decision.optional(),
  /** As the engine lists it; there once the import has ended well. */
  name: z.string().optional(),
  /** What was added to the engine, kept before it is: so that it can be taken back. */
  added: z.array(addition),
  /** What it is made of there, whoever added it; there once the import has ended well. */
  holds: z.array(z.string()).optional(),
  verified: z.boolean().optional(),
  /** Absent: it can serve a slot, as far as is known. */
  chat: z.literal(false).optional(),
  /** Why it was not verified, or not imported. */
  reason: z.string().optional(),
  /** What its import failed with. */
  error: jobError.optional(),
})
export type ImportRecord = z.infer<typeof importRecord>

export const jobRecord = z.object({
  job,
  request: jobRequest,
  /** Equal for the same request. */
  key: z.string(),
  subject: subject.optional(),
  pull: z.object({ provider: z.string(), name: z.string(), before: z.array(z.string()).optional() }).optional(),
  imports: z.array(importRecord),
  /** Files that this job put into the library. */
  put: z.array(z.string()),
  /** It is being cancelled, and what becomes of its partial. */
  cancelling: z.enum(['keep', 'remove']).optional(),
})
export type JobRecord = z.infer<typeof jobRecord>

export const hasEnded = ({ job: one }: JobRecord): boolean => jobHasEnded(one)

/** Equal for the same request, whatever the order of its members and by which name of the catalogue. */
export function keyOf(request: z.infer<typeof jobRequest>): string {
  const { bytesPerSecond: _, into, ...rest } = request
  const named = 'catalog' in rest ? { ...rest, catalog: findEntry(rest.catalog)?.id ?? rest.catalog } : rest
  const members = Object.entries({ ...named, into: into && [...new Set(into)].sort() }).filter(([, value]) => value !== undefined)
  return JSON.stringify(members.sort(([a], [b]) => (a < b ? -1 : 1)))
}
