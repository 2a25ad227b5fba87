import { z } from 'zod'
import { configFile } from './config.ts'

export const valueSource = z.enum(['flag', 'variable', 'state', 'file', 'default', 'option'])
export type ValueSource = z.infer<typeof valueSource>

/** The settings in force and where each comes from; secrets are shown as `[set]`. */
export const effectiveConfig = z
  .object({
    settings: z.array(
      z.object({
        name: z.string().meta({ description: 'Such as `port`, `slots.default.policy`, `providers.ollama.baseUrl`' }),
        value: z.unknown(),
        source: valueSource,
        from: z.string().optional().meta({ description: 'The flag, the variable or the file' }),
      }),
    ),
    file: z.object({ path: z.string(), read: z.boolean() }),
    config: configFile.meta({ description: 'What the file says' }),
  })
  .meta({ id: 'EffectiveConfig' })
export type EffectiveConfig = z.infer<typeof effectiveConfig>

/** What may be changed while the service runs. */
export const settingsPatch = z
  .strictObject({
    hub: z.strictObject({
      bytesPerSecond: z
        .number()
        .int()
        .min(1024)
        .max(1e12)
        .nullable()
        .optional()
        .meta({ description: 'Of all downloads together; null: no limit' }),
      downloadsAtOnce: z.number().int().min(1).max(32).optional(),
    }),
  })
  .meta({ id: 'SettingsPatch' })
export type SettingsPatch = z.infer<typeof settingsPatch>
