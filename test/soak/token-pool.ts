/** The tokens that clients have: that of the home, and those of apps, which come and go. */
import type { Client } from '../../src/client/index.ts'
import type { Chance } from './chance.ts'

export interface TokenPool {
  readonly home: string
  pick(chance: Chance): string
  isRevoked(token: string): boolean
  /** One more, or the oldest one fewer. */
  turn(more: boolean): Promise<void>
}

const most = 6

export function createTokenPool(client: Client, home: string): TokenPool {
  const living: { name: string; token: string }[] = []
  const revoked = new Set<string>()
  let made = 0
  const pool: TokenPool = {
    home,
    pick(chance) {
      const at = chance.between(0, most - 1)
      return living[at]?.token ?? home
    },
    isRevoked: (token) => revoked.has(token),
    async turn(more) {
      if (more && living.length < most) {
        made += 1
        const { name, token } = await client.tokens.create({ name: `soak-${made}` })
        living.push({ name, token })
        return
      }
      const oldest = living.shift()
      if (!oldest) return
      revoked.add(oldest.token)
      await client.tokens.revoke(oldest.name)
    },
  }
  return pool
}
