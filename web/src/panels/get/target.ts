/**
 * What the address names of this panel: a repository (`#/get/pub/repo`, behind it a quantization or a file, `repo@revision`),
 * an engine's own name (`#/get/~/ollama/qwen3:8b`), a path (`#/get/~path/…`). No publisher begins with `~`.
 */
import type { Source } from '../../sdk.ts'

export type RepositorySource = Extract<Source, { repo: string }>
export type Target = RepositorySource | Extract<Source, { from: string }> | Extract<Source, { path: string }>

/** Undefined: the search. What is no name is found out by whoever asks for it. */
export function targetOf(rest: readonly string[]): Target | undefined {
  const [first = '', second = '', third] = rest
  if (first === '~') return second !== '' && third !== undefined ? { from: second, name: third } : undefined
  if (first === '~path') return second === '' ? undefined : { path: second }
  if (second === '') return undefined
  const [name = '', revision] = second.split(/@(.*)/s)
  const choice = third === undefined ? {} : /\.gguf$/i.test(third) ? { file: third } : { quantization: third }
  return { repo: `${first}/${name}`, ...choice, ...(revision && { revision }) }
}

/** What stands in the address for it, after the panel's name. */
export function restOf(target: Target): string[] {
  if ('from' in target) return ['~', target.from, target.name]
  if ('path' in target) return ['~path', target.path]
  const { repo, quantization, file, revision } = target
  const [publisher = '', name = ''] = repo.split('/')
  const choice = file ?? quantization
  return [publisher, revision === undefined ? name : `${name}@${revision}`, ...(choice === undefined ? [] : [choice])]
}
