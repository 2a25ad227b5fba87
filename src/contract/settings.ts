/**
 * The settings of the service as data: flag of `serve`, variable, key of the configuration file, default. A flag beats
 * a variable, a variable beats state, state beats the file, the file beats the default.
 */
export interface Setting {
  readonly name: string
  readonly flag?: string
  readonly variable?: string
  /** Another name of the variable, asked after it. */
  readonly otherVariable?: string
  readonly key?: string
  readonly list?: boolean
  readonly secret?: boolean
  readonly default: string
  readonly what: string
}

export const settings = [
  {
    name: 'host',
    flag: '--host',
    variable: 'MODELYARD_HOST',
    default: '127.0.0.1',
    what: 'Address to listen on; anything that is not loopback also needs --allow-remote',
  },
  {
    name: 'allowedHosts',
    flag: '--allow-host',
    variable: 'MODELYARD_ALLOWED_HOSTS',
    key: 'http.allowedHosts',
    list: true,
    default: '',
    what: 'Extra names accepted in Host, such as host.docker.internal',
  },
  {
    name: 'allowedOrigins',
    flag: '--allow-origin',
    variable: 'MODELYARD_ALLOWED_ORIGINS',
    key: 'http.allowedOrigins',
    list: true,
    default: "our own origin and Tauri's three",
    what: 'Extra origins of browser apps',
  },
  { name: 'port', flag: '--port', variable: 'MODELYARD_PORT', default: '7411', what: 'Port to listen on; 0 picks a free one' },
  { name: 'home', flag: '--home', variable: 'MODELYARD_HOME', default: "the platform's own place for state", what: 'State folder' },
  { name: 'library', flag: '--library', variable: 'MODELYARD_LIBRARY', default: '<home>/library', what: 'Folder of GGUF files' },
  {
    name: 'envFile',
    flag: '--dotenv',
    variable: 'MODELYARD_ENV_FILE',
    default: '<home>/.env',
    what: 'The .env file that mirrors the choice',
  },
  { name: 'config', flag: '--config', variable: 'MODELYARD_CONFIG', default: '<home>/modelyard.config.jsonc', what: 'Configuration file' },
  {
    name: 'token',
    variable: 'MODELYARD_TOKEN',
    secret: true,
    default: 'read from or made in <home>/token',
    what: 'Token of the control API',
  },
  {
    name: 'hubEndpoint',
    variable: 'HF_ENDPOINT',
    key: 'hub.endpoint',
    default: 'https://huggingface.co',
    what: 'The Hugging Face Hub, or what stands for it',
  },
  {
    name: 'hubToken',
    variable: 'HF_TOKEN',
    otherVariable: 'HUGGING_FACE_HUB_TOKEN',
    secret: true,
    default: 'the file of `hf auth login`, else none',
    what: 'Token of the Hub; sent to its own origin only',
  },
  { name: 'ollamaHost', variable: 'OLLAMA_HOST', default: 'http://127.0.0.1:11434', what: 'Where the default ollama provider is' },
] as const satisfies readonly Setting[]

export type SettingName = (typeof settings)[number]['name']

export const defaultPort = 7411
/** Origins of a packaged Tauri window: macOS and Linux, Windows and Android, Windows with `useHttpsScheme`. */
export const tauriOrigins = ['tauri://localhost', 'http://tauri.localhost', 'https://tauri.localhost'] as const
