/** `npm start`: sets up what is missing, then serves. Flags are handed on: `npm start -- --port 0`. */
import { runProgram } from './run-program.mjs'

await runProgram(['serve', ...process.argv.slice(2)])
