/** Writes what is made from the contract: the OpenAPI document, the JSON Schema of the configuration, the table of errors. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { generated } from '../src/api/generated.ts'

mkdirSync('schema', { recursive: true })
for (const [path, text] of Object.entries(generated())) writeFileSync(path, text)
