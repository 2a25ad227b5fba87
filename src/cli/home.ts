/** The home a command means, and what is in it: the running service, the token, the log. */
import { ModelyardError } from '../contract/index.ts'
import { absolutePath, defaultHome } from '../platform/paths.ts'
import { askService, findService, homeIsFree } from '../store/home-lock.ts'
import type { ResolvedSettings } from '../store/resolved.ts'
import { resolveSettings } from '../store/settings.ts'
import { readOrMakeToken } from '../store/token.ts'
import { type CommandContext, textOption } from './command-spec.ts'

export { findService as findRunning } from '../store/home-lock.ts'
export { logFileOf, turnOverLog } from '../store/log-file.ts'
export { rotateToken, tokenFileOf } from '../store/token.ts'

export interface RunningService {
  readonly url: string
  readonly pid: number
}

type Input = Pick<CommandContext, 'options' | 'env'>

const stopMs = 15_000
const lookEveryMs = 50

/** Known without reading any configuration: a broken one must not hide a service that runs. */
export const homeOf = ({ options, env }: Input): string => absolutePath(textOption(options, 'home') || env.MODELYARD_HOME || defaultHome())

/** That of the variable, else of the file, which is made when there is none. */
export const tokenOf = async (input: Input): Promise<string> => input.env.MODELYARD_TOKEN || readOrMakeToken(homeOf(input))

/** Throws `invalid_configuration` with file and line. */
export function settingsOf({ options, env }: Input): Promise<ResolvedSettings> {
  const text = (name: string): string | undefined => textOption(options, name)
  const list = (name: string): string[] | undefined => options[name] as string[] | undefined
  return resolveSettings({
    env,
    flags: {
      home: text('home'),
      library: text('library'),
      config: text('config'),
      envFile: text('dotenv'),
      host: text('host'),
      port: options.port as number | undefined,
      allowedHosts: list('allowHost'),
      allowedOrigins: list('allowOrigin'),
      allowRemote: options.allowRemote === true ? true : undefined,
    },
  })
}

/** Asks it to end and waits until its home is free. */
export async function stopService(home: string): Promise<void> {
  if (!(await askService(home, 'stop'))) return
  for (const deadline = Date.now() + stopMs; Date.now() < deadline; ) {
    if (await homeIsFree(home)) return
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
  }
  const still = await findService(home)
  throw new ModelyardError('timeout', `The service did not end within ${stopMs / 1000} s${still ? ` (process ${still.pid})` : ''}.`, {
    hint: 'See `modelyard logs`.',
  })
}
