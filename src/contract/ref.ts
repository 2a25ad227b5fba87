/** Refs of models, `provider/name`. Beside the schemas, so that a browser can ask without them. */

/** `ollama` and `qwen3:8b` of `ollama/qwen3:8b`; undefined for a name without a slash. */
export function splitRef(ref: string): { provider: string; name: string } | undefined {
  const slash = ref.indexOf('/')
  if (slash < 1 || slash === ref.length - 1) return undefined
  return { provider: ref.slice(0, slash), name: ref.slice(slash + 1) }
}

export const joinRef = (provider: string, name: string): string => `${provider}/${name}`
