/**
 * Ollama's names: `host/namespace/model:tag` with defaults for all but the model, compared without regard to case.
 * Source: types/model/name.go of Ollama.
 */
const defaultHost = 'registry.ollama.ai'
const defaultNamespace = 'library'
const defaultTag = 'latest'
const otherHosts: Readonly<Record<string, string>> = { 'huggingface.co': 'hf.co', 'www.huggingface.co': 'hf.co', 'ollama.com': defaultHost }

/** Equal keys are equal names. */
export function nameKey(name: string): string {
  const parts = name.toLowerCase().split('/')
  const last = parts.at(-1) ?? ''
  const colon = last.lastIndexOf(':')
  const model = colon > 0 ? last.slice(0, colon) : last
  const tag = colon > 0 ? last.slice(colon + 1) : defaultTag
  const namespace = parts.at(-2) ?? defaultNamespace
  const host = parts.slice(0, -2).join('/') || defaultHost
  return [otherHosts[host] ?? host, namespace, model, tag].join('|')
}

export const sameName = (a: string, b: string): boolean => a === b || nameKey(a) === nameKey(b)

/** A name as Ollama shows it: without the defaults, but with its tag. */
export function shortName([host, namespace, model, tag]: readonly [host: string, namespace: string, model: string, tag: string]): string {
  if (host.toLowerCase() !== defaultHost) return `${host}/${namespace}/${model}:${tag}`
  return namespace.toLowerCase() === defaultNamespace ? `${model}:${tag}` : `${namespace}/${model}:${tag}`
}
