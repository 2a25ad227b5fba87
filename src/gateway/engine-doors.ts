/** The ways to engines that speak a client's dialect themselves: connections by address, and who was found not to have it after all. */
import { createEngineRelay, type EngineRelay, type Silence } from '../platform/engine-relay.ts'
import type { NativeDialect } from '../providers/provider.ts'
import type { Admitted } from '../yard/admit.ts'
import { type Edits, editedBody } from './edit-body.ts'
import type { Body } from './read-body.ts'

export interface EngineDoor {
  readonly relay: EngineRelay
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: readonly Buffer[]
}

export interface EngineDoors {
  /** Undefined: this engine does not speak the dialect, or cannot be told in it what it has to be told. */
  of(admitted: Admitted, dialect: NativeDialect['dialect'], path: string, body: Body): EngineDoor | undefined
  /** It turned out not to have this route: from now on it is spoken to otherwise. */
  lacks(admitted: Admitted, path: string): void
  close(): Promise<void>
}

export function createEngineDoors(limits: Silence): EngineDoors {
  const places = new Map<string, Place>()
  const lacking = new Set<string>()

  const placeOf = (baseUrl: string): Place => {
    const known = places.get(baseUrl) ?? newPlace(baseUrl, limits)
    places.set(baseUrl, known)
    return known
  }
  return {
    of({ provider, name, load, held }, dialect, path, body) {
      const native = provider.dialects().find((one) => one.dialect === dialect)
      if (!native || lacking.has(`${provider.id} ${path}`)) return undefined
      const asked = { path, load: held ? load : undefined, written: body.member, mentions: (text: string) => body.bytes.includes(text) }
      const edits: Edits | undefined = native.adapt ? native.adapt(asked) : {}
      if (!edits) return undefined
      const { relay, prefix } = placeOf(native.baseUrl)
      return {
        relay,
        path: prefix + path,
        headers: { 'content-type': 'application/json', 'accept-encoding': 'identity', ...native.headers },
        body: editedBody(body, { model: native.idOf?.(name) ?? name, ...edits }),
      }
    },
    lacks: ({ provider }, path) => void lacking.add(`${provider.id} ${path}`),
    async close() {
      await Promise.all([...places.values()].map(({ relay }) => relay.close()))
    },
  }
}

interface Place {
  readonly relay: EngineRelay
  /** Of every path there. */
  readonly prefix: string
}

function newPlace(baseUrl: string, limits: Silence): Place {
  const { origin, pathname } = new URL(baseUrl)
  return { relay: createEngineRelay(origin, limits), prefix: pathname.replace(/\/+$/, '') }
}
