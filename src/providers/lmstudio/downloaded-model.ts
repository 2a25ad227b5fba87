/** Which model of the list is what LM Studio has downloaded? Its API says only that it is done. */
import type { ListedModel } from '../provider.ts'
import { nameWithoutVariant } from './model-files.ts'

export interface Wanted {
  /** As asked for: `owner/name` of its catalogue, or the address of a repository, with `@` and a quantization after it. */
  readonly asked: string
  /** What was listed before the download. */
  readonly before: ReadonlySet<string>
}

/** An address in its parts; undefined: it is a name. */
export function addressIn(asked: string): { address: string; quantization: string | undefined } | undefined {
  const [, address, quantization] = /^(https:\/\/[^@\s]+)(?:@([\w.-]{1,64}))?$/.exec(asked) ?? []
  return address === undefined ? undefined : { address, quantization }
}

/**
 * The one of that name and quantization, else the only new one of that name, else the only one of that name where no
 * quantization was asked for; where none has the name, the only new one.
 */
export function downloadedModel({ asked, before }: Wanted, models: readonly ListedModel[]): ListedModel | undefined {
  const path = asked.replace(/^https:\/\/[^/]+\//, '')
  const wanted = nameWithoutVariant(path)
  const quantization = /@([^@/]+)$/.exec(path)?.[1]
  const isFresh = ({ name }: ListedModel): boolean => !before.has(name)
  const named = models.filter(({ name }) => [wanted, wanted.split('/').at(-1)].includes(nameWithoutVariant(name)))
  const exact = quantization === undefined ? [] : named.filter((model) => isOf(model, quantization))
  const candidates = [exact, named.filter(isFresh), quantization === undefined ? named : [], named.length > 0 ? [] : models.filter(isFresh)]
  return candidates.find((some) => some.length === 1)?.[0]
}

/** By its variant (`@q4_k_m`), else by what the list says of it. */
function isOf({ name, quantization }: ListedModel, wanted: string): boolean {
  const told = /@([^@/]+)$/.exec(name)?.[1] ?? quantization
  return told?.toLowerCase() === wanted.toLowerCase()
}
