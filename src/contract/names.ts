import { z } from 'zod'
import { modelNameLimit, modelNameRules, providerIdShape } from './name-rules.ts'

/** A provider's id: what stands before the first slash of a model ref. */
export const providerId = z
  .string()
  .regex(providerIdShape.shape, providerIdShape.says)
  .meta({ description: "A provider's id", example: 'ollama' })

export const slotName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/, 'a slot name is [a-z][a-z0-9-]{0,31}')
  .meta({ description: 'A slot name', example: 'default' })

const [nameCharacters, nameEnds, nameSegments] = modelNameRules

/**
 * A model's name as its engine knows it: 1 to 512 characters, no control or invisible formatting characters, no
 * blank at either end, no `..` segment. Slashes, colons and `@` are common in it.
 */
export const modelName = z
  .string()
  .min(1)
  .max(modelNameLimit.characters, modelNameLimit.says)
  .refine(nameCharacters.holds, nameCharacters.says)
  .refine(nameEnds.holds, nameEnds.says)
  .refine(nameSegments.holds, nameSegments.says)
  .meta({ description: "A model's name as its engine knows it", example: 'qwen3:8b' })

/** `provider/name`, or a bare name that is resolved over all providers. */
export const modelRefOrName = modelName.meta({
  description: 'A model ref `provider/name`, or a bare name',
  example: 'ollama/qwen3:8b',
})

const readByOthers =
  /^(?:PATH|HOME|SHELL|IFS|ENV|BASH_ENV|PS[0-9]|CDPATH|USER|LOGNAME|TMPDIR|TEMP|TMP|NODE_.*|NPM_.*|LD_.*|DYLD_.*|PYTHON.*|PERL5?.*|RUBY.*|JAVA_.*|JDK_.*|GIT_.*|SSH_.*|SSL_.*|ELECTRON_.*|HTTP_PROXY|HTTPS_PROXY|ALL_PROXY|NO_PROXY|COMSPEC|PATHEXT|SYSTEMROOT|WINDIR|EDITOR|VISUAL|PAGER|BROWSER|LANG|LC_.*|TZ|PROMPT_COMMAND|GCONV_PATH|LOCPATH|MALLOC_.*|GLIBC_.*|OPENSSL_.*)$/

/** A key of a `.env` file that we may write: none that a shell, Node or a loader reads. */
export const envKey = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]{0,63}$/, 'a key is [A-Z][A-Z0-9_]{0,63}')
  .refine((key) => !readByOthers.test(key), 'this key is read by a shell, Node or a loader; choose another')
  .meta({ description: 'A key of the .env file', example: 'MODELYARD_MODEL' })
