import { z } from 'zod'
import { modelName } from './names.ts'

/** What an uninstall takes away, or would. */
export const removal = z
  .object({
    ref: z.string(),
    removed: z.array(z.object({ path: z.string().optional(), name: z.string().optional(), bytes: z.number() })),
    kept: z.array(z.object({ path: z.string(), why: z.string() })),
    freedBytes: z.number().meta({ description: 'Bytes really freed: what has another link keeps its own' }),
    dryRun: z.boolean(),
  })
  .meta({ id: 'Removal' })
export type Removal = z.infer<typeof removal>

const flag = z
  .enum(['true', 'false'])
  .transform((value) => value === 'true')
  .optional()

/** `replaceWith` is a ref or a name: the slots of the model are switched to it first. */
export const removalQuery = z.strictObject({ dryRun: flag, replaceWith: modelName.optional(), emptySlots: flag, foreign: flag })
