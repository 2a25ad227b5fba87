/** What a cancel takes back: what was added to engines, and what lies on disk where that is wished. It always ends. */
import { ModelyardError } from '../contract/index.ts'
import { takeBack } from './give-to-engines.ts'
import { removePartials } from './remove-partials.ts'
import type { Work } from './work.ts'

/** `wanted`: hashes that others want or have. Answers with what could not be taken back, in words. */
export async function endCancelled(work: Work, wanted: ReadonlySet<string>): Promise<string | undefined> {
  const { cancelling, job } = work.record()
  const left: string[] = []
  const attempt = async (act: () => Promise<void>): Promise<void> => {
    try {
      await act()
    } catch (error) {
      work.ports.log(`of the cancelled job ${job.id} something is left`, error)
      left.push(ModelyardError.from(error).message)
    }
  }
  // A slot may have been given the model by then: what a switch has begun with stays.
  if (job.stage !== 'switch') for (const { provider } of work.record().imports) await attempt(() => takeBack(work, provider))
  if (cancelling === 'remove') await attempt(() => removePartials(work, wanted))
  return left.length === 0 ? undefined : `Not everything could be taken back: ${left.join(' ')}`
}
