/** What a part of the page asks for: the newest asking wins, and the last answer stays until there is another. */
import { describe, expect, it } from 'vitest'
import { createQuestion } from '../../../web/src/ui/question.ts'

interface Asking {
  readonly signal: AbortSignal
  readonly answer: (value: string) => void
  readonly fail: (error: Error) => void
}

/** A question whose askings wait for the test. */
function held(slowMs?: number) {
  const askings: Asking[] = []
  const question = createQuestion<string>(
    (signal) =>
      new Promise((answer, fail) => {
        askings.push({ signal, answer, fail })
      }),
    slowMs,
  )
  const asking = (at: number): Asking => {
    const one = askings[at]
    if (!one) throw new Error(`there was no asking ${at}`)
    return one
  }
  return { question, asking, askings }
}

/** What promises that are settled have to say is said. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('a question', () => {
  it('is not asked before anybody wants to know', () => {
    const { question, askings } = held()
    expect([askings.length, question.asking.value, question.value.value]).toEqual([0, false, undefined])
  })

  it('keeps its last answer while it is asked again', async () => {
    const { question, asking } = held()
    question.again()
    asking(0).answer('one')
    await settled()
    expect([question.value.value, question.asking.value]).toEqual(['one', false])
    question.again()
    expect([question.value.value, question.asking.value]).toEqual(['one', true])
    asking(1).answer('two')
    await settled()
    expect(question.value.value).toBe('two')
  })

  it('gives up an older asking for a newer one, whichever answers last', async () => {
    const { question, asking } = held()
    question.again()
    question.again()
    expect(asking(0).signal.aborted).toBe(true)
    asking(1).answer('new')
    await settled()
    asking(0).answer('old')
    await settled()
    expect([question.value.value, question.asking.value]).toEqual(['new', false])
  })

  it('an older asking that fails late is no failure of the newer one', async () => {
    const { question, asking } = held()
    question.again()
    question.again()
    asking(0).fail(new Error('aborted'))
    await settled()
    expect([question.error.value, question.asking.value]).toEqual([undefined, true])
    question.close()
  })

  it('keeps its answer when asking again fails, and says why', async () => {
    const { question, asking } = held()
    question.again()
    asking(0).answer('one')
    await settled()
    question.again()
    asking(1).fail(new Error('no'))
    await settled()
    expect([question.value.value, question.error.value]).toEqual(['one', new Error('no')])
    question.again()
    asking(2).answer('two')
    await settled()
    expect([question.value.value, question.error.value]).toEqual(['two', undefined])
  })

  it('is slow only while it is asked', async () => {
    const { question, asking } = held(1)
    question.again()
    expect(question.slow.value).toBe(false)
    await new Promise<void>((resolve) => {
      const end = question.slow.subscribe((slow) => slow && resolve(queueMicrotask(() => end())))
    })
    asking(0).answer('one')
    await settled()
    expect(question.slow.value).toBe(false)
  })

  it('closing it ends the asking, and nothing comes of it', async () => {
    const { question, asking } = held()
    question.again()
    question.close()
    expect([asking(0).signal.aborted, question.asking.value]).toEqual([true, false])
    asking(0).answer('late')
    await settled()
    expect(question.value.value).toBeUndefined()
  })
})
