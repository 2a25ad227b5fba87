/**
 * LM Studio's own download (0.4 and later). It is a job of LM Studio's: it can be asked how far it is, not to stop, so
 * that leaving it leaves it running there, and asking again finds it. Source: its documentation of
 * `/api/v1/models/download`.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { abortReason, ModelyardError } from '../../contract/index.ts'
import { withinTime } from '../../platform/within-time.ts'
import { askJson, isFields, shownText, untilSeen, wholeNumber } from '../openai-chat/index.ts'
import type { ListedModel, PullProgress } from '../provider.ts'
import { addressIn, downloadedModel, type Wanted } from './downloaded-model.ts'
import { knownLevel, type Studio } from './studio.ts'

export interface DownloadContext {
  readonly signal: AbortSignal
  readonly list: (signal: AbortSignal) => Promise<readonly ListedModel[]>
  /** Until what was downloaded is listed. */
  readonly listedMs: number
  /** Between two looks at how far it is. */
  readonly pauseMs: number
}

/** Its last piece of news has the name under which it is listed. */
export async function* downloadModel(studio: Studio, name: string, context: DownloadContext): AsyncGenerator<PullProgress> {
  const { signal, list } = context
  if ((await knownLevel(studio, signal)) !== 'v1') throw tooOld()
  const before = new Set((await list(signal)).map((one) => one.name))
  const first = await begin(studio, name, signal)
  const job = isFields(first) ? shownText(first.job_id) : undefined
  let bytesDone = 0
  for (let now = first; ; now = await look(studio, job, signal)) {
    const state = stateOf(now, name)
    bytesDone = Math.max(bytesDone, state.bytesDone ?? (state.done ? (state.bytesTotal ?? 0) : 0))
    if (state.done) {
      const listed = await untilListed({ asked: name, before }, context)
      return yield { status: state.status, bytesDone, bytesTotal: state.bytesTotal, name: listed }
    }
    yield { status: state.status, bytesDone, bytesTotal: state.bytesTotal }
    if (job === undefined) throw new ModelyardError('provider_protocol', 'LM Studio: expected a "job_id" in the answer to a download.')
    await delay(context.pauseMs, undefined, { signal }).catch(() => Promise.reject(abortReason(signal)))
  }
}

const begin = (studio: Studio, name: string, signal: AbortSignal): Promise<unknown> => {
  const { address, quantization } = addressIn(name) ?? {}
  const body = { model: address ?? name, ...(quantization !== undefined && { quantization }) }
  return askJson(studio.engine, { method: 'POST', path: '/api/v1/models/download', body, signal }, { model: name, notFound: 'model' })
}

async function look(studio: Studio, job: string | undefined, signal: AbortSignal): Promise<unknown> {
  try {
    return await askJson(studio.engine, { path: `/api/v1/models/download/status/${encodeURIComponent(job ?? '')}`, signal })
  } catch (error) {
    const { code, message } = ModelyardError.from(error)
    if (code !== 'provider_error') throw error
    throw new ModelyardError('import_failed', message, { cause: error, hint: 'It may have been restarted: try again.' })
  }
}

interface State {
  readonly status: string
  readonly bytesDone: number | undefined
  readonly bytesTotal: number | undefined
  readonly done: boolean
}

function stateOf(body: unknown, name: string): State {
  const fields = isFields(body) ? body : {}
  const status = shownText(fields.status) ?? ''
  if (status === 'failed') throw new ModelyardError('import_failed', `LM Studio could not download ${name}.`, { hint: lookThere })
  if (status === 'paused') throw new ModelyardError('import_failed', `The download of ${name} is paused in LM Studio.`, { hint: lookThere })
  const done = status === 'completed' || status === 'already_downloaded'
  if (!done && status !== 'downloading')
    throw new ModelyardError('provider_protocol', 'LM Studio: expected a known "status" in the answer to a download.')
  return { status, done, bytesDone: wholeNumber(fields.downloaded_bytes), bytesTotal: wholeNumber(fields.total_size_bytes) || undefined }
}

const lookThere = 'Look at its downloads in LM Studio: only there one that stopped is resumed.'

async function untilListed(wanted: Wanted, { signal, list, listedMs }: DownloadContext): Promise<string> {
  const late = () => new ModelyardError('import_failed', `LM Studio says that ${wanted.asked} is downloaded, but does not list it.`)
  const look = async (bounded: AbortSignal) => downloadedModel(wanted, await list(bounded))?.name
  return withinTime({ signal, ms: listedMs, late }, (bounded) => untilSeen(() => look(bounded), bounded))
}

const tooOld = (): ModelyardError =>
  new ModelyardError('unsupported_operation', 'This version of LM Studio cannot be asked to download a model.', {
    hint: 'Update LM Studio to 0.4 or later, or get the model from the Hub.',
  })
