/** What a person writes for a model to get, as a `Source`: with the paths of this machine and the options beside it. */
import { isAbsolute, join, resolve } from 'node:path'
import type { Source } from '../contract/index.ts'
import { writtenName, writtenQuantization, writtenSource } from '../contract/written-source.ts'
import { wrongValue } from './option-values.ts'

/** Where it is written. */
export interface Place {
  readonly exists: (path: string) => boolean
  readonly cwd: string
  readonly home: string
  /** Hosts of the Hub's pages beside its usual ones. */
  readonly hosts?: readonly string[]
}

/** What its options say. */
export interface Given {
  readonly quantization?: string | undefined
  /** An engine, which is to fetch it by its own name. */
  readonly from?: string | undefined
}

/** A name of an engine's own (`from`), else as it is written; a path also where one of that name exists. Throws `invalid_request`. */
export function parseSource(text: string, place: Place, { quantization, from }: Given = {}): Source {
  if (from !== undefined) return ofEngine(text, from, quantization)
  const found = writtenSource(text, { ...(place.hosts && { hosts: place.hosts }), path: (one, isOne) => pathOf(one, isOne, place) })
  if (quantization === undefined) return found
  if (!('repo' in found || 'catalog' in found)) throw wrongValue('--quant chooses among the files of a repository; a path is one already.')
  const asked = writtenQuantization(quantization)
  const other = 'file' in found ? found.file : found.quantization
  if (other !== undefined && other.toLowerCase() !== asked.toLowerCase())
    throw wrongValue(`--quant ${asked} and ${JSON.stringify(text)}: name one of them.`)
  return { ...found, quantization: asked }
}

function ofEngine(name: string, from: string, quantization: string | undefined): Source {
  if (quantization !== undefined) throw wrongValue(`With --from the name says everything: write it as ${from} does, without --quant.`)
  return writtenName(name, from)
}

function pathOf(text: string, looksLikeOne: boolean, { exists, cwd, home }: Place): string | undefined {
  if (!looksLikeOne) return exists(resolve(cwd, text)) ? resolve(cwd, text) : undefined
  const path = text === '~' || /^~[\\/]/.test(text) ? join(home, text.slice(1)) : text
  return isAbsolute(path) ? resolve(path) : resolve(cwd, path)
}
