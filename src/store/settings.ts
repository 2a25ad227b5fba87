/** Everything that is decided before the yard is built: flags over variables over the file over the defaults. */
import { join } from 'node:path'
import {
  type ConfigFile,
  defaultEnvKeys,
  defaultPort,
  defaultProviders,
  type EffectiveConfig,
  ModelyardError,
  type ProviderConfig,
  type Setting,
  type SettingName,
  settings,
  slotDefaults,
  tauriOrigins,
  type ValueSource,
} from '../contract/index.ts'
import type { ResolvedProvider } from '../contract/resolved-provider.ts'
import { isLoopbackHost } from '../platform/loopback.ts'
import { absolutePath, defaultHome } from '../platform/paths.ts'
import { readConfig } from './config-file.ts'
import { defaultHub, hubDefaultsLeft, hubOf } from './hub-settings.ts'
import { ollamaAddress } from './ollama-host.ts'
import type { ResolvedSettings, ResolvedSlot } from './resolved.ts'

type Given = Partial<Record<SettingName, string | readonly string[] | number | undefined>>

export interface SettingsInput {
  /** What was given on the command line. */
  readonly flags?: Given & { readonly allowRemote?: boolean | undefined }
  readonly env: NodeJS.ProcessEnv
  /** What a program gave that uses the library: like flags, and providers like the file's. */
  readonly options?: Given & {
    readonly providers?: ConfigFile['providers']
    readonly slots?: ConfigFile['slots']
    readonly models?: ConfigFile['models']
    readonly hub?: ConfigFile['hub']
  }
}

interface Value {
  readonly value: string | readonly string[]
  readonly source: ValueSource
  readonly from?: string | undefined
}

export async function resolveSettings(input: SettingsInput): Promise<ResolvedSettings> {
  const early = (name: SettingName): Value => valueGiven(name, input, {})
  const home = pathOf(early('home').value, defaultHome())
  const named = early('config')
  const configFile = await readConfig(pathOf(named.value, join(home, 'modelyard.config.jsonc')), { required: named.source !== 'default' })
  const config = withOptions(configFile.config, input.options)
  const of = (name: SettingName): Value => valueGiven(name, input, config)
  const host = String(of('host').value)
  const allowRemote = input.flags?.allowRemote ?? false
  if (!isLoopbackHost(host) && !allowRemote) throw notLoopback(host)
  return {
    host,
    port: portOf(of('port')),
    allowRemote,
    allowedHosts: listOf(of('allowedHosts')).map(checkHost),
    allowedOrigins: [...tauriOrigins, ...listOf(of('allowedOrigins')).map(checkOrigin)],
    frameAncestors: config.http?.frameAncestors ?? [],
    home,
    library: pathOf(of('library').value, join(home, 'library')),
    envFile: pathOf(of('envFile').value, join(home, '.env')),
    configFile: { ...configFile, config },
    token: tokenOf(of('token')),
    providers: providersOf(config, of('ollamaHost'), input.env),
    slots: slotsOf(config),
    hub: hubOf({ endpoint: String(of('hubEndpoint').value), token: String(of('hubToken').value), config: config.hub }, input.env),
    models: new Map(Object.entries(config.models ?? {})),
    sources: [
      ...settings.map((one) => shown(one.name, of(one.name), { home })),
      ...sourcesIn(config, configFile.path),
      ...hubDefaultsLeft(config.hub),
    ],
  }
}

function withOptions(config: ConfigFile, options: SettingsInput['options']): ConfigFile {
  if (!options) return config
  const { providers, slots, models, hub } = options
  return {
    ...config,
    ...(providers && { providers: { ...config.providers, ...providers } }),
    ...(slots && { slots: { ...config.slots, ...slots } }),
    ...(models && { models: { ...config.models, ...models } }),
    ...(hub && { hub: { ...config.hub, ...hub } }),
  }
}

function valueGiven(name: SettingName, { flags, env, options }: SettingsInput, config: ConfigFile): Value {
  const setting = settings.find((one) => one.name === name)
  const variable = variablesOf(setting).find((one) => (env[one] ?? '') !== '')
  const flag = given(flags?.[name])
  if (flag !== undefined) return { value: flag, source: 'flag', from: setting && 'flag' in setting ? setting.flag : undefined }
  const option = given(options?.[name])
  if (option !== undefined) return { value: option, source: 'option' }
  const inherited = variable === undefined ? undefined : env[variable]
  if (inherited !== undefined && inherited !== '') {
    return {
      value: setting && 'list' in setting ? inherited.split(',').map((one) => one.trim()) : inherited,
      source: 'variable',
      from: variable,
    }
  }
  if (name === 'hubEndpoint' && config.hub?.endpoint) return { value: config.hub.endpoint, source: 'file' }
  if (name === 'allowedHosts' && config.http?.allowedHosts) return { value: config.http.allowedHosts, source: 'file' }
  if (name === 'allowedOrigins' && config.http?.allowedOrigins) return { value: config.http.allowedOrigins, source: 'file' }
  return { value: defaultOf(name), source: 'default' }
}

function variablesOf(setting: Setting | undefined): string[] {
  return [setting?.variable, setting?.otherVariable].filter((one) => one !== undefined)
}

const given = (value: string | readonly string[] | number | undefined): string | readonly string[] | undefined =>
  typeof value === 'number' ? String(value) : value === undefined || value.length === 0 ? undefined : value

function defaultOf(name: SettingName): string {
  if (name === 'host') return '127.0.0.1'
  if (name === 'hubEndpoint') return defaultHub
  return name === 'port' ? String(defaultPort) : ''
}

const pathOf = (value: Value['value'], fallback: string): string => (value === '' ? fallback : absolutePath(String(value)))
const listOf = ({ value }: Value): readonly string[] =>
  typeof value === 'string' ? (value === '' ? [] : [value]) : value.filter((one) => one !== '')
const tokenOf = ({ value }: Value): string | undefined => (value === '' ? undefined : checkToken(String(value)))

function checkToken(token: string): string {
  if (/^[\x21-\x7e]{16,512}$/.test(token)) return token
  throw new ModelyardError('invalid_configuration', 'MODELYARD_TOKEN: expected 16 to 512 printable characters without blanks.')
}

function portOf({ value, from }: Value): number {
  const port = /^\d{1,5}$/.test(String(value)) ? Number(value) : Number.NaN
  if (port <= 65_535) return port
  throw new ModelyardError('invalid_configuration', `${from ?? 'port'}: expected a port from 0 to 65535, got ${JSON.stringify(value)}.`)
}

function checkHost(host: string): string {
  if (/^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?$/.test(host)) return host.toLowerCase()
  throw new ModelyardError('invalid_configuration', `--allow-host: expected a host name, got ${JSON.stringify(host)}.`)
}

function checkOrigin(origin: string): string {
  const wildcards = origin === '*' || origin === 'null' || origin.includes('*')
  if (!wildcards && /^[a-z][a-z0-9+.-]*:\/\/[^/\s?#@]+$/.test(origin)) return origin
  throw new ModelyardError(
    'invalid_configuration',
    `--allow-origin: expected an exact origin such as http://localhost:5173, got ${JSON.stringify(origin)}.`,
  )
}

const notLoopback = (host: string): ModelyardError =>
  new ModelyardError('invalid_configuration', `The address ${host} can be reached by other machines.`, {
    hint: 'Listen on 127.0.0.1, or say --allow-remote if that is meant.',
  })

/** The defaults first, in their order; then one's own. */
function providersOf(config: ConfigFile, ollamaHost: Value, env: NodeJS.ProcessEnv): ResolvedProvider[] {
  const ids = [
    ...Object.keys(defaultProviders),
    ...Object.keys(config.providers ?? {}).filter((id) => !Object.hasOwn(defaultProviders, id)),
  ]
  const fromOllamaHost = ollamaAddress(String(ollamaHost.value))
  return ids.map((id) => {
    const standard: ProviderConfig = Object.hasOwn(defaultProviders, id) ? defaultProviders[id as keyof typeof defaultProviders] : {}
    const own = config.providers?.[id] ?? {}
    const inherited = id === 'ollama' && own.baseUrl === undefined ? fromOllamaHost : undefined
    return resolveProvider(id, { ...standard, ...own, ...(inherited && { baseUrl: inherited }) }, { env, from: inherited && 'OLLAMA_HOST' })
  })
}

function resolveProvider(
  id: string,
  config: ProviderConfig,
  { env, from }: { env: NodeJS.ProcessEnv; from?: string | undefined },
): ResolvedProvider {
  const { kind = 'openai-compatible', enabled = true, baseUrl, apiKeyEnv, modelsDir, lms, command, threads, gpu } = config
  if (baseUrl === undefined && kind === 'openai-compatible') {
    throw new ModelyardError('invalid_configuration', `"providers.${id}.baseUrl": expected the address of the server, got nothing.`)
  }
  return {
    id,
    kind,
    enabled,
    baseUrl: baseUrl?.replace(/\/+$/, ''),
    baseUrlFrom: from,
    apiKey: apiKeyEnv === undefined ? undefined : env[apiKeyEnv],
    modelsDir: modelsDir && absolutePath(modelsDir),
    lms: lms && absolutePath(lms),
    command,
    threads,
    gpu,
  }
}

function slotsOf(config: ConfigFile): Map<string, ResolvedSlot> {
  const names = ['default', ...Object.keys(config.slots ?? {}).filter((name) => name !== 'default')]
  return new Map(
    names.map((name) => {
      const own = config.slots?.[name] ?? {}
      const defined = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined))
      return [name, { ...slotDefaults, ...(name === 'default' && defaultEnvKeys), ...defined } as ResolvedSlot]
    }),
  )
}

function shown(name: SettingName, { value, source, from }: Value, { home }: { home: string }): EffectiveConfig['settings'][number] {
  const setting = settings.find((one) => one.name === name)
  const secret = setting && 'secret' in setting && value !== ''
  const standard = value === '' ? (setting?.default ?? '').replace('<home>', home) : value
  return { name, value: secret ? '[set]' : standard, source, ...(from && { from }) }
}

/** Each value of the file by its path, such as `slots.default.policy`. */
function sourcesIn(config: ConfigFile, path: string): EffectiveConfig['settings'] {
  const found: EffectiveConfig['settings'] = []
  const walk = (value: unknown, name: string): void => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) found.push({ name, value, source: 'file', from: path })
    else for (const [key, inner] of Object.entries(value)) walk(inner, name === '' ? key : `${name}.${key}`)
  }
  const { http, $schema: _, ...rest } = config
  // The other two of `http` are settings with a flag, and told with them.
  walk({ ...rest, ...(http?.frameAncestors && { http: { frameAncestors: http.frameAncestors } }) }, '')
  return found.filter((one) => one.name !== '')
}
