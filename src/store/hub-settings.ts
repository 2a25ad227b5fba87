/** Where the Hub is and what signs us in there. */
import { homedir } from 'node:os'
import { join } from 'node:path'
import { type ConfigFile, type EffectiveConfig, hubSecret, ModelyardError } from '../contract/index.ts'
import { absolutePath } from '../platform/paths.ts'
import { proxiesOf } from '../platform/proxies.ts'
import type { ResolvedHub } from './resolved.ts'

export const defaultHub = 'https://huggingface.co'

/** As `configFile` words it. */
const hubDefaults = { connections: 8, downloadsAtOnce: 2, bytesPerSecond: null }

const cacheVariables = ['LLAMA_CACHE', 'HF_HUB_CACHE', 'HUGGINGFACE_HUB_CACHE', 'HF_HOME', 'XDG_CACHE_HOME'] as const

export interface HubInput {
  readonly endpoint: string
  readonly token: string
  readonly config: ConfigFile['hub']
}

export function hubOf({ endpoint, token, config }: HubInput, env: NodeJS.ProcessEnv): ResolvedHub {
  return {
    connections: config?.connections ?? hubDefaults.connections,
    downloadsAtOnce: config?.downloadsAtOnce ?? hubDefaults.downloadsAtOnce,
    bytesPerSecond: config?.bytesPerSecond ?? hubDefaults.bytesPerSecond,
    offline: isSet(env.HF_HUB_OFFLINE),
    proxies: proxiesOf(env),
    cacheVariables: Object.fromEntries(cacheVariables.map((name) => [name, env[name]])),
    endpoint: checkEndpoint(endpoint),
    ...(token.trim() !== '' && { token: checkToken(token.trim()) }),
    ...(!isSet(env.HF_HUB_DISABLE_IMPLICIT_TOKEN) && { tokenFile: tokenFileOf(env) }),
  }
}

/** What holds for downloads because nobody has said anything else. */
export function hubDefaultsLeft(config: ConfigFile['hub']): EffectiveConfig['settings'] {
  const given: Partial<Record<string, unknown>> = config ?? {}
  return Object.entries(hubDefaults)
    .filter(([key]) => given[key] === undefined)
    .map(([key, value]) => ({ name: `hub.${key}`, value, source: 'default' }))
}

/** As huggingface_hub looks for it. */
function tokenFileOf({ HF_TOKEN_PATH, HF_HOME, XDG_CACHE_HOME }: NodeJS.ProcessEnv): string {
  if (HF_TOKEN_PATH) return absolutePath(HF_TOKEN_PATH)
  const home = HF_HOME || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'huggingface')
  return join(absolutePath(home), 'token')
}

const isSet = (value: string | undefined): boolean => /^(?:1|true|yes|on)$/i.test(value ?? '')

function checkEndpoint(endpoint: string): string {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined
  const good = url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' && url.search === '' && url.hash === ''
  if (good) return url.href.replace(/\/+$/, '')
  throw new ModelyardError('invalid_configuration', 'HF_ENDPOINT: expected an http or https URL without user, query or fragment.', {
    hint: 'Such as https://huggingface.co; a token belongs into HF_TOKEN.',
  })
}

/** What is no token is refused, and not repeated. */
function checkToken(token: string): string {
  const checked = hubSecret.safeParse(token)
  if (checked.success) return checked.data
  throw new ModelyardError('invalid_configuration', `HF_TOKEN: ${checked.error.issues[0]?.message}.`)
}
