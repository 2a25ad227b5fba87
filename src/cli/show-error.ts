import { ModelyardError } from '../contract/error.ts'
import { exitOfError } from './exit-codes.ts'
import type { Io } from './io.ts'
import { visible } from './visible.ts'

/** One sentence, the cause when it says more, the next command. With --json the error on standard output as well. */
export function showError(io: Io, thrown: unknown): number {
  const error = ModelyardError.from(thrown)
  if (io.json) io.document({ error: error.toBody() })
  const { red, dim } = io.errColor
  io.err(`${red('modelyard:')} ${visible(error.message)}\n`)
  for (const candidate of candidatesOf(error)) io.err(`  ${visible(candidate)}\n`)
  for (const near of textsIn(error.details?.near)) io.err(`  perhaps ${visible(near)}\n`)
  const cause = causeOf(error)
  if (cause !== undefined) io.err(`${dim(`  because: ${visible(cause)}`)}\n`)
  const page = error.details?.url
  if (typeof page === 'string' && ![error.message, error.hint].some((text) => text.includes(page))) io.err(`  page ${visible(page)}\n`)
  if (error.hint !== '' && error.code !== 'cancelled') io.err(`  → ${visible(error.hint)}\n`)
  return exitOfError(error)
}

/** The refs an ambiguous name may mean. */
export const candidatesOf = ({ details }: { readonly details?: Readonly<Record<string, unknown>> | undefined }): string[] =>
  textsIn(details?.candidates)

const textsIn = (value: unknown): string[] => (Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [])

function causeOf({ cause, message }: ModelyardError): string | undefined {
  if (!(cause instanceof Error) || cause.name === 'AbortError') return undefined
  const text = ModelyardError.from(cause).message.replace(/^Unexpected: /, '')
  return text === '' || message.includes(text) || text === 'fetch failed' ? undefined : text
}
