/** A model of the Hub, from its search to its removal: the download is paused, the service killed, the job one and the same. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Client, JobClient } from '../../client/index.ts'
import type { Job } from '../../contract/index.ts'
import type { FakeHub } from '../../testing/fakes/fake-hub.ts'
import { formatSize } from '../format.ts'
import { shortId } from '../short-id.ts'
import { demoModels, hubModel } from './demo-models.ts'
import type { DemoPlace } from './demo-place.ts'
import type { DemoService } from './demo-service.ts'
import type { Report } from './report.ts'
import { said, saysItsName } from './words.ts'

export interface Getting {
  readonly place: DemoPlace
  readonly hub: FakeHub
  /** What the Hub has under the model's name. */
  readonly content: Buffer
  readonly report: Report
}

const mebibyte = 2 ** 20
/** Fetched before the pause, and between it and the kill. */
const stride = 6 * mebibyte

/** The service that runs at the end. */
export async function showGetting(getting: Getting, first: DemoService): Promise<DemoService> {
  const { place } = getting
  const job = await begin(getting, first.client)
  const paused = await pauseInTheMiddle(getting, first.client, job)
  const fetched = await killInTheMiddle(getting, first, job, paused)
  const second = await place.start()
  await goesOn(getting, second.client.jobs.handle(job.id), fetched)
  await isWhole(getting)
  await answers(getting, second.client)
  await uninstall(getting, second.client)
  return second
}

async function begin({ content, report }: Getting, client: Client): Promise<JobClient> {
  const [found] = await client.hub.search({ words: hubModel.name })
  const plan = await client.jobs.preflight({ repo: hubModel.repo, into: ['embedded'], switch: false })
  const held = found?.repo === hubModel.repo && plan.downloadBytes === content.length
  const seen = `${plan.repo} ${plan.quantization}, ${formatSize(plan.downloadBytes)}`
  report.line('a model is found at a stand-in for the Hub', held, seen)
  return client.jobs.start({ repo: hubModel.repo, into: ['embedded'], switch: false })
}

async function pauseInTheMiddle({ report }: Getting, client: Client, job: JobClient): Promise<Job> {
  await untilFetched(job, stride)
  const paused = await client.jobs.pause(job.id)
  report.line('its download is paused in the middle', paused.state === 'paused' && isInTheMiddle(paused), progressOf(paused))
  return paused
}

/** Answers with how much was fetched then. */
async function killInTheMiddle({ place, report }: Getting, service: DemoService, job: JobClient, paused: Job): Promise<number> {
  await service.client.jobs.resume(job.id)
  const fetched = await untilFetched(job, paused.bytesDone + stride)
  const how = await service.kill()
  const now = { ...paused, bytesDone: fetched }
  const held = how === 'SIGKILL' && isInTheMiddle(now) && !existsSync(pathIn(place))
  report.line('it is resumed, and the service killed in the middle', held, `process ${service.pid}: ${how} at ${progressOf(now)}`)
  return fetched
}

async function goesOn({ hub, content, report }: Getting, job: JobClient, fetched: number): Promise<void> {
  const from = await untilFetched(job, 0)
  const { state, result, error } = await job.ended()
  const held = state === 'succeeded' && from >= fetched && from < content.length
  const seen = `job ${shortId(job.id)} went on at ${formatSize(from)}: ${error?.message ?? state}`
  report.line('the service is started again, and the job goes on by itself', held, seen)
  const { bytesServed, connections } = hub.cdn.counts
  report.line(
    'no connection cost more than the one MiB it was at',
    bytesServed >= content.length && bytesServed <= 1.02 * content.length + connections * mebibyte,
    `${formatSize(bytesServed)} sent over ${connections} connections, the file has ${formatSize(content.length)}`,
  )
  const [one] = result?.refs ?? []
  report.line('it is imported and verified', one?.ref === hubModel.ref && one.verified, one?.reason ?? `${one?.ref} has answered`)
}

async function isWhole({ place, content, report }: Getting): Promise<void> {
  const [here, there] = [await readFile(pathIn(place)), content].map((bytes) => createHash('sha256').update(bytes).digest('hex'))
  report.line('its bytes are those of the Hub', here === there, `SHA-256 ${here}`)
}

async function answers({ report }: Getting, client: Client): Promise<void> {
  const { name, ref } = hubModel
  const result = await client.slot('default').switch(ref)
  const { model, text } = await client.chat().complete({ messages: [{ role: 'user', content: 'Who are you?' }], maxTokens: 10 })
  const held = saysItsName(result, name) && model === ref && text.startsWith(name)
  report.line(`${name} answers through the slot`, held, held ? `"${text}"` : said(result))
}

async function uninstall({ place, report }: Getting, client: Client): Promise<void> {
  const replacement = demoModels.second
  const { removed, freedBytes } = await client.models.remove(hubModel.ref, { replaceWith: replacement.ref })
  const { models } = await client.models.list()
  const { ref } = await client.slot('default').get()
  const waste = (await client.doctor()).filter(({ fixable }) => fixable)
  const isGone = removed.length === 1 && !existsSync(pathIn(place)) && !models.some((one) => one.ref === hubModel.ref)
  const seen = waste[0]?.text ?? `${formatSize(freedBytes)} freed; ${ref} serves again`
  report.line('it is uninstalled, and nothing of it is left', isGone && waste.length === 0 && ref === replacement.ref, seen)
}

/** By what is told of its progress. A job that ends before has fetched everything, or fails the next line. */
async function untilFetched(job: JobClient, bytes: number): Promise<number> {
  let fetched = 0
  for await (const event of job.events()) {
    if (event.type === 'job.finished') return event.job.bytesDone
    if (event.type !== 'job.progress' || event.stage !== 'download') continue
    fetched = event.bytesDone
    if (fetched >= bytes) return fetched
  }
  return fetched
}

const pathIn = ({ library }: DemoPlace): string => join(library, hubModel.repo, hubModel.file)
const isInTheMiddle = ({ bytesDone, bytesTotal = 0 }: Job): boolean => bytesDone > 0 && bytesDone < bytesTotal
const progressOf = ({ bytesDone, bytesTotal }: Job): string => `${formatSize(bytesDone)} of ${formatSize(bytesTotal)}`
