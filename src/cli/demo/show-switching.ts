/** A verified switch under a running stream of requests, a broken third model rolled back, and what a restart finds. */
import { readFile } from 'node:fs/promises'
import type { Client } from '../../client/index.ts'
import { demoModels } from './demo-models.ts'
import type { DemoPlace } from './demo-place.ts'
import type { Report } from './report.ts'
import { type Stream, startStream } from './stream.ts'
import { said, saysItsName } from './words.ts'

export async function showSwitching(client: Client, report: Report, signal: AbortSignal): Promise<void> {
  await showEngine(client, report)
  await firstModel(client, report)
  const stream = startStream(client, signal)
  try {
    await stream.reaches(3)
    await underLoad(client, stream, report)
    await brokenModel(client, stream, report)
  } finally {
    await stream.stop()
  }
  report.line(
    'no answer was lost, mixed, cut or given twice',
    stream.faults.length === 0,
    stream.faults[0] ?? `${stream.answers} answers, each whole and by one model`,
  )
}

async function showEngine(client: Client, report: Report): Promise<void> {
  const providers = await client.detect()
  const embedded = providers.find((one) => one.id === 'embedded')
  const seen =
    embedded?.state === 'ready'
      ? `node-llama-cpp ${embedded.version}`
      : `${embedded?.error?.message ?? 'not there'} ${embedded?.hint ?? ''}`
  report.line('the embedded engine is there', embedded?.state === 'ready', seen)
  const { models } = await client.models.list()
  report.line('the models in the library are listed', models.length === 3, models.map((one) => one.name).join(', '))
}

async function firstModel(client: Client, report: Report): Promise<void> {
  const result = await client.slot('default').switch(demoModels.first.ref)
  report.line(`${demoModels.first.name} is loaded and has answered`, saysItsName(result, demoModels.first.name), said(result))
}

/** The stream goes on all the while; what it saw before and after is counted. */
async function underLoad(client: Client, stream: Stream, report: Report): Promise<void> {
  const before = stream.answers
  const result = await client.slot('default').switch(demoModels.second.ref)
  report.line(`switched to ${demoModels.second.name} under a running stream`, saysItsName(result, demoModels.second.name), said(result))
  await stream.sees(demoModels.second.name)
  report.line('the stream changed models and never stopped', stream.answers > before, `${stream.answers - before} answers meanwhile`)
}

async function brokenModel(client: Client, stream: Stream, report: Report): Promise<void> {
  const result = await client.slot('default').switch(demoModels.broken.ref)
  const held = result.outcome === 'rolled_back' && result.ref === demoModels.second.ref && result.error?.code === 'load_failed'
  report.line('a broken third model is rolled back', held, `${result.outcome}: ${result.error?.message ?? ''}`)
  await stream.reaches(stream.answers + 3)
  report.line(
    `${demoModels.second.name} still answers the stream`,
    stream.latest === demoModels.second.name,
    `the newest answer is by ${stream.latest}`,
  )
}

export async function showRestart({ envFile }: DemoPlace, client: Client, report: Report): Promise<void> {
  const written = await readFile(envFile, 'utf8')
  report.line(
    'the choice is in the .env',
    written.includes(`MODELYARD_MODEL=${demoModels.second.file}`),
    written.trim().replace(/\n/g, ', '),
  )
  const answer = await client.chat().complete({ messages: [{ role: 'user', content: 'Who are you?' }], maxTokens: 12 })
  report.line('after a restart it serves again, verified', answer.model === demoModels.second.ref, `"${answer.text}"`)
}
