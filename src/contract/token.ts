import { z } from 'zod'

export const tokenName = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/, 'a token name is 1 to 64 of a-z, 0-9, ".", "_", "-"')
  .meta({ description: 'Name of a token: the app or browser that has it', example: 'open-webui' })

export const tokenScope = z.enum(['gateway', 'control']).meta({
  id: 'TokenScope',
  description: '`gateway`: ask models, nothing else; `control`: everything that the token of the home may',
})
export type TokenScope = z.infer<typeof tokenScope>

export const appToken = z
  .object({
    name: tokenName,
    scope: tokenScope,
    kind: z.enum(['app', 'browser']),
    createdAt: z.iso.datetime(),
    lastUsedAt: z.iso.datetime().optional().meta({ description: 'To the minute; absent: never' }),
  })
  .meta({ id: 'Token', description: 'The token itself is not kept, only its hash' })
export type AppToken = z.infer<typeof appToken>

export const tokenRequest = z
  .strictObject({ name: tokenName, scope: tokenScope.optional().meta({ description: 'Absent: gateway' }) })
  .meta({ id: 'TokenRequest' })
export type TokenRequest = z.infer<typeof tokenRequest>

export const newToken = z
  .object({ name: tokenName, scope: tokenScope, token: z.string().meta({ description: 'Said this once' }) })
  .meta({ id: 'NewToken' })
export type NewToken = z.infer<typeof newToken>

/** Whose token it is. */
export interface TokenHolder {
  /** Of an app token; the token of the home has none that an app token could have: `@home`. */
  readonly name: string
  readonly scope: TokenScope
}
