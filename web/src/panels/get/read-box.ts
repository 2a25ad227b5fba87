/** What was typed into the one box: where it leads at once, what to search for, and for which engines it is a name. */
import { type Catalog, ModelyardError, type ProviderInfo, sourceText, writtenName, writtenSource } from '../../sdk.ts'
import type { Target } from './target.ts'

export interface Around {
  readonly catalog: Catalog | undefined
  readonly providers: readonly ProviderInfo[]
  /** Hosts of the Hub's pages beside the usual ones. */
  readonly hosts: readonly string[]
}

export interface BoxReading {
  /** For the catalogue and the Hub; empty: nothing to search for. */
  readonly words: string
  readonly target?: Target
  /** The target in short. */
  readonly shown?: string
  /** It looks like an address or a path, and is none that is understood. */
  readonly refusal?: ModelyardError
  /** Of engines that can fetch it by this name. */
  readonly names: readonly { readonly name: string; readonly from: string }[]
}

/** Nobody searches for the longest that a name can be. */
const longest = 512

export function readBox(typed: string, around: Around): BoxReading {
  const text = typed.trim()
  if (text === '') return { words: '', names: [] }
  if (text.length > longest) return { words: '', names: [], refusal: tooLong }
  const found = understood(text, around)
  if (found instanceof ModelyardError) {
    // Words may have a slash among them; an address or a path was meant as one.
    return isPlace(text) ? { words: '', names: [], refusal: found } : { words: text, names: namesFor(text, around) }
  }
  if ('path' in found) return { words: '', names: [], target: found, shown: found.path }
  if (!('repo' in found)) return { words: text, names: namesFor(text, around), ...entryFor(found, around) }
  const isAddress = /^[a-z]+:\/\//i.test(text)
  return { words: found.repo, names: isAddress ? [] : namesFor(text, around), target: found, shown: sourceText(found) }
}

const tooLong = new ModelyardError('invalid_request', 'That is longer than any name.', { hint: '' })
const isPlace = (text: string): boolean => /^(?:[a-z][a-z0-9+.-]*:\/\/|[./\\~]|[a-z]:[\\/])/i.test(text)

function understood(text: string, { hosts }: Around): ReturnType<typeof writtenSource> | ModelyardError {
  try {
    return writtenSource(text, { hosts, path: wholePath })
  } catch (error) {
    return ModelyardError.from(error)
  }
}

/** A path of the service's machine: no folder is known that another could begin in. */
const wholePath = (text: string, looksLikeOne: boolean): string | undefined =>
  looksLikeOne && /^(?:\/|[A-Za-z]:[\\/]|\\\\)/.test(text) ? text : undefined

/** A name of the catalogue leads to the repository that is taken for it. */
function entryFor(found: ReturnType<typeof writtenSource>, { catalog }: Around): Pick<BoxReading, 'target' | 'shown'> {
  if (!('catalog' in found)) return {}
  const entry = catalog?.entries.find(({ id, aliases }) => id === found.catalog || aliases.includes(found.catalog))
  const [repo] = entry?.repositories ?? []
  if (!entry || repo === undefined) return {}
  const target = { repo, ...(found.quantization !== undefined && { quantization: found.quantization }) }
  return { target, shown: [entry.name, found.quantization].filter(Boolean).join(' ') }
}

function namesFor(text: string, { providers }: Around): { name: string; from: string }[] {
  if (/\s/.test(text)) return []
  return pullers(providers).flatMap(({ id }) => {
    try {
      writtenName(text, id)
      return [{ name: text, from: id }]
    } catch {
      return []
    }
  })
}

/** Engines that fetch models by themselves, now. */
export const pullers = (providers: readonly ProviderInfo[]): ProviderInfo[] =>
  providers.filter(({ state, capabilities }) => state === 'ready' && capabilities.pull)
