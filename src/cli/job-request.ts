/** What is wished of a job, from the words and options of a command. */
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { type JobRequest, providerId, type Source, slotName } from '../contract/index.ts'
import { type CommandContext, textOption } from './command-spec.ts'
import { wrongValue } from './option-values.ts'
import { type Place, parseSource } from './source.ts'

export function pullRequest({ words, options, env }: CommandContext): JobRequest {
  const given = { quantization: textOption(options, 'quant'), from: textOption(options, 'from') }
  return request(parseSource(words[0] ?? '', placeOf(env), given), options)
}

export function shareRequest({ words, options }: CommandContext): JobRequest {
  const into = options.into
  if (!Array.isArray(into)) throw wrongValue('Say which engine gets it: --into ID. `modelyard providers` lists them.')
  return request({ ref: words[0] ?? '' }, options)
}

function request(source: Source, options: CommandContext['options']): JobRequest {
  const into = options.into as string[] | undefined
  const slot = slotOf(options)
  return {
    ...source,
    ...(into && { into: into.map(idOf) }),
    ...(slot !== undefined && { switch: slot }),
    ...(typeof options.limit === 'number' && { bytesPerSecond: options.limit }),
  }
}

/** Undefined: neither was said. A slot that is named is meant to move. */
function slotOf({ use, slot }: CommandContext['options']): string | false | undefined {
  if (use === false && slot !== undefined) throw wrongValue('Say --slot or --no-use, not both.')
  if (use === false) return false
  if (slot === undefined) return use === true ? 'default' : undefined
  const judged = slotName.safeParse(slot)
  if (judged.success) return judged.data
  throw wrongValue(`--slot: ${judged.error.issues[0]?.message ?? ''}, not ${JSON.stringify(slot)}.`)
}

function idOf(text: string): string {
  const judged = providerId.safeParse(text)
  if (judged.success) return judged.data
  throw wrongValue(`--into: ${judged.error.issues[0]?.message ?? ''}, not ${JSON.stringify(text)}.`)
}

function placeOf(env: NodeJS.ProcessEnv): Place {
  const endpoint = env.HF_ENDPOINT ?? ''
  return {
    exists: existsSync,
    cwd: process.cwd(),
    home: env.HOME ?? homedir(),
    hosts: URL.canParse(endpoint) ? [new URL(endpoint).host] : [],
  }
}
