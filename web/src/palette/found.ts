/** Which commands are meant by what was typed, the best first. Pure. */
export interface Findable {
  readonly id: string
  readonly group: string
  /** What it is called, and what else it may be called, in lower case. */
  readonly haystack: string
}

/** Nobody reads on; whoever does not see it types another letter. */
const most = 60
/** Of each group, before anything was typed. */
const few = 5

interface Scored<T> {
  readonly one: T
  readonly score: number
  readonly at: number
}

/** Every word has to be somewhere; where a word begins counts more than its middle, and what was used lately most. */
export function found<T extends Findable>(commands: readonly T[], typed: string, recent: readonly string[]): T[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean).map(wordOf)
  const used = new Map(recent.map((id, index) => [id, 100 - index]))
  const scored: Scored<T>[] = []
  commands.forEach((one, at) => {
    const score = scoreOf(one.haystack, words)
    if (score !== undefined) scored.push({ one, score: score + (used.get(one.id) ?? 0), at })
  })
  const best = scored.sort((a, b) => b.score - a.score || a.at - b.at).map(({ one }) => one)
  return (words.length === 0 ? grouped(best).flatMap((one) => one.commands.slice(0, few)) : best).slice(0, most)
}

interface Word {
  readonly word: string
  readonly begins: RegExp
}

const wordOf = (word: string): Word => ({ word, begins: new RegExp(`(?:^|[\\s/:._-])${word.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')}`) })

function scoreOf(haystack: string, words: readonly Word[]): number | undefined {
  let score = 0
  for (const { word, begins } of words) {
    if (!haystack.includes(word)) return undefined
    score += haystack.startsWith(word) ? 3 : begins.test(haystack) ? 2 : 0
  }
  return score
}

export interface Group<T> {
  readonly group: string
  readonly commands: readonly T[]
}

/** In groups, each where its best is. */
export function grouped<T extends { readonly group: string }>(commands: readonly T[]): readonly Group<T>[] {
  const groups = new Map<string, T[]>()
  for (const one of commands) {
    const members = groups.get(one.group)
    if (members) members.push(one)
    else groups.set(one.group, [one])
  }
  return [...groups].map(([group, members]) => ({ group, commands: members }))
}
