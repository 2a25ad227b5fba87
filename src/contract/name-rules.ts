/** What names are, as shapes and predicates: the schemas are made of these, and a browser reads what is typed by them without any schema. */

export interface NameRule {
  readonly holds: (text: string) => boolean
  /** What was expected. */
  readonly says: string
}

export interface NameShape {
  readonly shape: RegExp
  readonly says: string
}

/** Two segments that are safe as folder names on every operating system. */
const segment = /^(?!\.)(?!.*\.\.)[A-Za-z0-9._-]{1,96}(?<![.-])$/
const reserved = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i

const isSegment = (one: string): boolean => segment.test(one) && !reserved.test(one)

/** One half of a repository's name. */
export const hubSegmentRule: NameRule = { holds: isSegment, says: 'expected 1 to 96 of A-Z, a-z, 0-9, ".", "_", "-"' }

export const hubRepoRule: NameRule = {
  holds: (repo) => repo.split('/').length === 2 && repo.split('/').every(isSegment),
  says: 'a repository is publisher/name of A-Z, a-z, 0-9, ".", "_", "-"',
}

export const hubPathLimit = { characters: 240, says: 'a file name has at most 240 characters' }

/** A file inside a repository: relative, no `..`, no control or invisible characters, safe on every operating system. */
export const hubPathRules: readonly [NameRule, NameRule] = [
  {
    holds: (path) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\\:*?"<>|]/u.test(path),
    says: 'a file name has no control, invisible or reserved characters',
  },
  {
    holds: (path) => path.split('/').every((one) => one !== '' && one !== '.' && one !== '..' && !/[. ]$/.test(one) && !reserved.test(one)),
    says: 'a file name has no empty, "..", or reserved segment',
  },
]

export const hubRevisionShape: NameShape = {
  shape: /^(?!.*\.\.)[A-Za-z0-9._/-]{1,100}$/,
  says: 'a revision is a branch, a tag or a commit',
}
export const quantizationShape: NameShape = { shape: /^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$/, says: 'a quantization is such as Q4_K_M' }
export const catalogShape: NameShape = { shape: /^[a-z0-9][a-z0-9._:-]{0,63}$/, says: 'a catalogue name is such as qwen3-8b' }
export const providerIdShape: NameShape = {
  shape: /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/,
  says: 'a provider id is 1 to 64 of a-z, 0-9, ".", "_", "-"',
}

export const modelNameLimit = { characters: 512, says: 'a model name has at most 512 characters' }

export const modelNameRules: readonly [NameRule, NameRule, NameRule] = [
  { holds: (name) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name), says: 'a model name has no control characters' },
  { holds: (name) => name.trim() === name, says: 'a model name neither begins nor ends with a blank' },
  { holds: (name) => !name.split(/[\\/]/).includes('..'), says: 'a model name has no ".." in it' },
]
