/** An hour of requests and switches, made in seconds: the clock is set back, and forward minute by minute. */
import type { Pictured } from './screenshot-scene.ts'

const minuteMs = 60_000
/** Requests are counted every ten seconds; so near to the end of ten, nobody waits for it. */
const tenMs = 10_000
const beforeTheEndMs = 400

const greeting = 'Hello! How can I help you today?'

export async function anHourOfUse(scene: Pictured): Promise<void> {
  const trueNow = Date.now
  try {
    for (let ago = 52; ago > 0; ago -= 1) {
      const at = Math.floor((trueNow() - ago * minuteMs) / tenMs) * tenMs + tenMs - beforeTheEndMs
      const back = trueNow() - at
      Date.now = () => trueNow() - back
      await switchesAt(scene, ago)
      await requestsAt(scene, ago)
    }
    scene.ollama.shelf.unload('qwen3:8b')
  } finally {
    Date.now = trueNow
  }
}

async function switchesAt(scene: Pictured, ago: number): Promise<void> {
  const wanted = switches[ago]
  if (!wanted) return
  const [slot, ref] = wanted
  scene[ref.startsWith('ollama/') ? 'ollama' : 'studio'].shelf.script.push({ text: greeting })
  await scene.yard.slot(slot).switch(ref)
}

const switches: Readonly<Record<number, readonly [slot: string, ref: string]>> = {
  52: ['default', 'ollama/qwen3:8b'],
  44: ['code', 'lmstudio/qwen/qwen3-4b-2507'],
  30: ['default', 'ollama/phi4:14b'],
  20: ['default', 'ollama/llama3.2:3b'],
}

/** More at some times than at others. */
async function requestsAt({ yard }: Pictured, ago: number): Promise<void> {
  const busy = 1 + (((ago * 7) % 11) >> 1)
  const ask = (slot: string) => yard.chat(slot).complete({ messages: [{ role: 'user', content: 'Hello' }], maxTokens: 12 })
  const slots = ago < 44 ? ['default', 'code'] : ['default']
  const counted = new Promise<void>((resolve) => {
    const stop = yard.onEvent((event) => {
      if (event.type !== 'usage.sample') return
      stop()
      resolve()
    })
  })
  await Promise.all(slots.flatMap((slot) => Array.from({ length: busy }, () => ask(slot))))
  await counted
}
