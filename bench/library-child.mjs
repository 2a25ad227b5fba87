/** Lists the models of a home once cold and then warm, with the shipped program, and prints how long it took as JSON. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as afterOthers } from 'node:timers/promises'
import { createModelyard } from '../dist/index.js'
import { fakeLmStudio } from '../dist/testing.js'

const [home, library, modelsDir, rounds] = process.argv.slice(2)
const off = { enabled: false }
const studio = await fakeLmStudio({ models: [{ name: 'publisher-0/model-0', size: 1 }] })
const yard = await createModelyard({
  home,
  library,
  providers: { ollama: off, llamacpp: off, lmstudio: { kind: 'lmstudio', baseUrl: studio.url, modelsDir } },
})

/** How long it took, and the longest time in which nothing else was served meanwhile. */
async function timed(work) {
  let ended = false
  let longest = 0
  const watching = (async () => {
    for (let last = performance.now(); !ended; ) {
      await afterOthers()
      const now = performance.now()
      longest = Math.max(longest, now - last)
      last = now
    }
  })()
  const began = performance.now()
  const result = await work()
  const took = performance.now() - began
  ended = true
  await watching
  return { took, longest, result }
}

const list = () => yard.models.list({ provider: 'embedded' })
const show = () => yard.models.get('lmstudio/publisher-0/model-0')
const cold = await timed(list)
// What a first question to an engine costs is not what is looked at here.
await yard.models.list({ provider: 'lmstudio' })
const coldShow = await timed(show)
const warm = []
const warmShow = []
for (let round = 0; round < Number(rounds); round += 1) {
  warm.push(await timed(list))
  warmShow.push(await timed(show))
}
/** What it takes to read the folders and to look at each file, and nothing else. */
function bareWalk(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) bareWalk(path)
    else statSync(path)
  }
}
const bare = []
for (let round = 0; round < Number(rounds); round += 1) {
  const began = performance.now()
  bareWalk(library)
  bare.push(performance.now() - began)
}

const times = ({ took, longest }) => ({ took, longest })
process.stdout.write(
  JSON.stringify({
    models: cold.result.models.length,
    bare,
    cold: times(cold),
    coldShow: times(coldShow),
    warm: warm.map(times),
    warmShow: warmShow.map(times),
  }),
)
await yard.close()
await studio.close()
