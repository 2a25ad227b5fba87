/** Writes what is made from code: the OpenAPI document, the JSON Schema of the configuration, the tables of errors and of the gateway's fields. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { generated } from '../src/api/generated.ts'
import { fieldsPage } from '../src/gateway/fields-page.ts'

mkdirSync('schema', { recursive: true })
for (const [path, text] of Object.entries({ ...generated(), ...fieldsPage() })) writeFileSync(path, text)
