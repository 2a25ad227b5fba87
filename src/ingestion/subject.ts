/** A model that is to be brought somewhere, as its source tells of it: what it is called and which files it is made of. */
import { z } from 'zod'
import type { JobKind, JobPlan } from '../contract/index.ts'

export const subjectFile = z.object({
  /** In its repository, with folders; or its own name. */
  path: z.string(),
  /** Without folders. */
  name: z.string(),
  bytes: z.number(),
  sha256: z.string().optional(),
  role: z.enum(['weights', 'projector']),
  /** Where these bytes lie on this machine already. */
  at: z.string().optional(),
  /** They lie in the library itself. */
  inLibrary: z.boolean().optional(),
})
export type SubjectFile = z.infer<typeof subjectFile>

export const subject = z.object({
  /** `publisher/name`: where its folder and its name in an engine come from. */
  repo: z.string(),
  commit: z.string().optional(),
  quantization: z.string().optional(),
  architecture: z.string().optional(),
  parameters: z.number().optional(),
  files: z.array(subjectFile),
})
export type Subject = z.infer<typeof subject>

/** What a source turned out to be. */
export interface Found {
  readonly kind: JobKind
  readonly subject: Subject
  readonly told: Pick<JobPlan, 'choice' | 'licence' | 'architecture' | 'contextLength' | 'template' | 'fit'>
  readonly warnings: readonly string[]
  /** Of a share: the engine that holds it already. */
  readonly holder?: string | undefined
  /** Of an engine's own pull: that engine and its name for the model. */
  readonly pull?: { readonly provider: string; readonly name: string } | undefined
}
