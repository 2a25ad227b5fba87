import { ModelyardError } from '../../contract/index.ts'
import type { Blocks } from './blocks.ts'

interface Call {
  readonly id: string
  readonly name: string
  arguments: string
}

/**
 * The calls of tools, each in a block of its own, one after the other. Engines may begin a call before the last has all its
 * arguments: such a call is held back until then, or until the end.
 */
export interface CallBlocks {
  /** Any call was begun. */
  readonly any: boolean
  begin(index: number, id: string, name: string): string
  /** Throws `provider_protocol` for arguments of a call that has not begun or has ended. */
  input(index: number, piece: string): string
  /** What was held back, whole. Ends every call. */
  flush(): string
}

export function createCallBlocks(blocks: Blocks): CallBlocks {
  const held = new Map<number, Call>()
  let live: { readonly index: number; given: string } | undefined
  let any = false

  const open = (index: number, { id, name }: Pick<Call, 'id' | 'name'>): string => {
    live = { index, given: '' }
    return blocks.toolUse(id, name)
  }
  return {
    get any() {
      return any
    },
    begin(index, id, name) {
      any = true
      if (live === undefined || (held.size === 0 && isWhole(live.given))) return open(index, { id, name })
      held.set(index, { id, name, arguments: '' })
      return ''
    },
    input(index, piece) {
      if (live?.index === index) {
        live.given += piece
        return blocks.input(piece)
      }
      const call = held.get(index)
      if (call === undefined)
        throw new ModelyardError('provider_protocol', 'Expected arguments of a call that has begun and not ended; others came.')
      call.arguments += piece
      return ''
    },
    flush() {
      if (live === undefined) return ''
      let written = ''
      for (const [index, call] of held) written += open(index, call) + blocks.input(call.arguments)
      held.clear()
      live = undefined
      return written
    },
  }
}

function isWhole(given: string): boolean {
  try {
    JSON.parse(given)
    return true
  } catch {
    return false
  }
}
