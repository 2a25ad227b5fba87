/** How tokens are made, and the form in which they are compared and kept. */
import { hash, randomBytes } from 'node:crypto'

/** 256 bits. Begins with `mdy_`, so that whatever shows text knows it for a secret. */
export const newToken = (): string => `mdy_${randomBytes(32).toString('base64url')}`

/** Of 256 random bits: no salt and no slow hash would make it harder to guess. */
export const tokenDigest = (token: string): Buffer => hash('sha256', token, 'buffer')
