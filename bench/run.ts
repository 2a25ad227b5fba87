import { chat } from './chat.ts'
import { embeddedSwitch } from './embedded-switch.ts'
import { library } from './library.ts'
import { lists } from './lists.ts'
import { longRun } from './long-run.ts'
import { startUp } from './start-up.ts'
import { streams } from './streams.ts'
import { subscribers } from './subscribers.ts'
import { type Figure, print } from './table.ts'

const benches: Readonly<Record<string, () => Promise<Figure[]>>> = {
  embeddedSwitch,
  chat,
  streams,
  lists,
  library,
  startUp,
  longRun,
  subscribers,
}
const wanted = process.argv.slice(2)
const figures: Figure[] = []
for (const [name, run] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  process.stderr.write(`${name} …\n`)
  figures.push(...(await run()))
}
process.exit(print(figures))
