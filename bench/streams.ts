/** Fifty streams through one slot while it switches twenty times. */
import { benchEngine } from './engine.ts'
import type { Figure } from './table.ts'
import { benchYard } from './yard.ts'

export async function streams(): Promise<Figure[]> {
  await using engine = await benchEngine({ models: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] })
  await using subject = await benchYard({ ollama: { kind: 'ollama', baseUrl: engine.url } })
  const { yard } = subject
  await yard.slot('default').switch('a')
  let switching = true
  let answers = 0
  let faults = 0
  const running = Array.from({ length: 50 }, async () => {
    while (switching) {
      const name: string[] = []
      let text = ''
      try {
        for await (const part of yard.chat().stream({ messages: [{ role: 'user', content: 'x' }], maxTokens: 20 })) {
          if (part.type === 'start') name.push(part.model.replace(/^ollama\/|:latest$/g, ''))
          if (part.type === 'delta') text += part.text
        }
        const whole = Array.from({ length: 20 }, (_, index) => `${name[0]}#${index} `).join('')
        if (name.length !== 1 || text !== whole) faults += 1
      } catch {
        faults += 1
      }
      answers += 1
    }
  })
  for (let index = 0; index < 20; index += 1) {
    const { outcome } = await yard
      .slot('default')
      .switch(['b', 'c', 'a'][index % 3] ?? 'a', { policy: index % 2 === 0 ? 'replace' : 'overlap' })
    if (outcome !== 'switched') faults += 1
  }
  switching = false
  await Promise.all(running)
  return [
    {
      what: '50 streams through 20 switches: lost, mixed, cut or answered twice',
      measured: String(faults),
      peer: `${answers} answers`,
      limit: '0',
      share: faults === 0 ? 0 : Number.POSITIVE_INFINITY,
    },
  ]
}
