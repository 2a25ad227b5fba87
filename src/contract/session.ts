import { z } from 'zod'
import { tokenName } from './token.ts'

/** What a page is signed in with: shown by a terminal, good for one minute and one use. */
export const sessionCode = z.object({ code: z.string(), expiresAt: z.iso.datetime() }).meta({ id: 'SessionCode' })
export type SessionCode = z.infer<typeof sessionCode>

export const signInRequest = z.strictObject({ code: z.string().min(1).max(128) }).meta({ id: 'SignIn' })
export type SignInRequest = z.infer<typeof signInRequest>

export const browserSession = z
  .object({
    token: z.string().meta({ description: 'Said this once' }),
    name: tokenName,
    expiresAt: z.iso.datetime().meta({ description: 'If it is not used until then; every use moves it' }),
  })
  .meta({ id: 'BrowserSession' })
export type BrowserSession = z.infer<typeof browserSession>
