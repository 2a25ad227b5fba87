/** Who may what: the token of the home opens everything, an app token what its scope says. Asked for every request. */
import type { TokenHolder } from '../contract/index.ts'
import type { Yard } from '../yard/yard.ts'

export interface Access {
  /** Waits for nothing, and takes as long for any token that is not one. */
  accessOf(token: string): TokenHolder | undefined
  /** Called with the name whose token opens nothing any more; `@home` when the token of the home has changed. */
  onRevoke(listener: (name: string) => void): () => void
}

/** The token of the home. */
export interface HomeToken {
  matches(token: string): boolean
  onRotate(listener: () => void): () => void
}

/** No app token can have this name. */
const home: TokenHolder = { name: '@home', scope: 'control' }

export function createAccess(homeToken: HomeToken, apps: Pick<Yard['tokens'], 'holderOf' | 'onRevoke'>): Access {
  return {
    accessOf: (token) => apps.holderOf(token) ?? (homeToken.matches(token) ? home : undefined),
    onRevoke(listener) {
      const ends = [apps.onRevoke(listener), homeToken.onRotate(() => listener(home.name))]
      return () => {
        for (const end of ends) end()
      }
    },
  }
}
