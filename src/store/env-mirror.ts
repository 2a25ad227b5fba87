/** The `.env` in use: the choice of each slot is mirrored into it, and read from it at start. */
import { readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ModelyardError, modelName, providerId } from '../contract/index.ts'
import { replaceFile } from '../platform/atomic-file.ts'
import { waitForLock } from '../platform/kernel-lock.ts'
import { type DotenvProblem, editDotenv, isPlainValue, readDotenv } from '../util/dotenv.ts'

export interface EnvKeys {
  readonly model: string
  readonly provider?: string | undefined
}

export interface EnvMirror {
  readonly path: string
  /** Throws `invalid_env_file` naming file, line and what was expected. Of a missing file: nothing. */
  read(keys: EnvKeys): Promise<{ provider?: string; name: string } | undefined>
  /** Both keys in one replacement, and not at all when nothing changes. Throws `invalid_env_file` and what the disk says. */
  write(keys: EnvKeys, choice: { provider?: string | undefined; name: string } | undefined): Promise<void>
}

const maxBytes = 4 * 2 ** 20
const lockMs = 10_000

export function createEnvMirror(path: string): EnvMirror {
  return {
    path,
    async read(keys) {
      const text = await readText(path)
      if (text === undefined) return undefined
      const found = readDotenv(text, keysOf(keys))
      if ('problem' in found) throw invalid(path, found.problem)
      const name = found.values.get(keys.model)
      if (name === undefined || name === '') return undefined
      return checked(path, text, keys, { name, provider: keys.provider && found.values.get(keys.provider) })
    },
    async write(keys, choice) {
      refuseUnwritable(choice)
      const folder = dirname(path)
      const lock = await waitForLock(folder, 'dotenv', AbortSignal.timeout(lockMs))
      try {
        const text = (await readText(path)) ?? ''
        const edited = editDotenv(text, { [keys.model]: choice?.name, ...(keys.provider && { [keys.provider]: choice?.provider }) })
        if ('problem' in edited) throw invalid(path, edited.problem)
        if (edited.changed) await replaceFile(path, edited.text)
      } finally {
        await lock.release()
      }
    },
  }
}

const keysOf = (keys: EnvKeys): string[] => (keys.provider ? [keys.model, keys.provider] : [keys.model])

async function readText(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined)
  if (!found) return undefined
  if (!found.isFile()) throw new ModelyardError('invalid_env_file', `${path}: expected a file.`)
  if (found.size > maxBytes) throw new ModelyardError('invalid_env_file', `${path}: expected at most ${maxBytes} bytes, got ${found.size}.`)
  return readFile(path, 'utf8')
}

function checked(
  path: string,
  text: string,
  keys: EnvKeys,
  { name, provider }: { name: string; provider: string | undefined },
): { provider?: string; name: string } {
  const line = (key: string): number => text.split('\n').findIndex((one) => one.includes(`${key}`)) + 1
  const badName = modelName.safeParse(name).error
  if (badName)
    throw invalid(path, { line: line(keys.model), expected: `a model's name as ${keys.model}`, got: JSON.stringify(name.slice(0, 80)) })
  if (provider !== undefined && provider !== '' && !providerId.safeParse(provider).success) {
    throw invalid(path, {
      line: line(keys.provider ?? ''),
      expected: `a provider's id as ${keys.provider}`,
      got: JSON.stringify(provider.slice(0, 80)),
    })
  }
  return provider ? { name, provider } : { name }
}

function refuseUnwritable(choice: { provider?: string | undefined; name: string } | undefined): void {
  for (const value of [choice?.name, choice?.provider]) {
    if (value === undefined || isPlainValue(value)) continue
    throw new ModelyardError(
      'invalid_env_file',
      `"${value}" cannot stand in a .env so that every program reads it alike; it is kept in the home only.`,
      {
        hint: 'Rename the model, or read the choice from Modelyard instead of the .env.',
      },
    )
  }
}

const invalid = (path: string, { line, expected, got }: DotenvProblem): ModelyardError =>
  new ModelyardError('invalid_env_file', `${path}:${line}: expected ${expected}, got ${got}.`, { details: { file: path, line } })
