/** The files that are made from the contract and checked in; a test compares them. */
import { z } from 'zod'
import { catalog, configFile, errorCodes } from '../contract/index.ts'
import { version } from '../util/version.ts'
import { describeApi } from './describe.ts'

export function generated(): Record<string, string> {
  return {
    'schema/openapi.json': text(describeApi(version)),
    'schema/modelyard.config.schema.json': text(z.toJSONSchema(configFile, { io: 'input', unrepresentable: 'any' })),
    'schema/catalog.schema.json': text(z.toJSONSchema(catalog, { io: 'input', unrepresentable: 'any' })),
    'docs/errors.md': errorsPage(),
  }
}

const text = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`

function errorsPage(): string {
  const rows = Object.entries(errorCodes).map(
    ([code, one]) => `| \`${code}\` | ${one.status} | ${one.exit} | ${one.retryable ? 'yes' : 'no'} | ${one.title} ${one.hint} |`,
  )
  return [
    '# Errors',
    '',
    'Every door renders its errors from one table. Over HTTP they are `application/problem+json`; the command line says the message and the hint and ends with the exit code.',
    '',
    '| code | HTTP status | exit code | does a retry help | what it means and what to do |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}
