/** `npm run demo`: sets up what is missing, then shows the main job on this machine. */
import { runProgram } from './run-program.mjs'

await runProgram(['demo', ...process.argv.slice(2)])
