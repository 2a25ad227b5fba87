/**
 * The main job, shown on this machine with nothing else installed: two tiny models on real llama.cpp, a verified switch
 * under a running stream of requests, a broken third model rolled back, a restart. Every line is observed, not told.
 */
import { rm } from 'node:fs/promises'
import type { Client, SwitchResult } from '../../client/index.ts'
import type { Io } from '../io.ts'
import { demoModels } from './demo-models.ts'
import { type DemoYard, openDemoYard } from './demo-yard.ts'
import { createReport, type Report } from './report.ts'
import { type Stream, startStream } from './stream.ts'

export interface DemoOptions {
  readonly io: Io
  readonly signal: AbortSignal
}

/** 0 only if every line held. */
export async function runDemo({ io, signal }: DemoOptions): Promise<number> {
  io.note('Two tiny models are made for this, with no training behind them: each can only say its own name, again and again.')
  io.note('They run on real llama.cpp in this machine’s memory; nothing is sent anywhere.\n')
  const report = createReport(io)
  let home: string | undefined
  try {
    const yard = await openDemoYard()
    home = yard.home
    await firstHalf(yard, report, signal)
    await yard.close()
    await afterRestart(await openDemoYard(home), report)
  } catch (error) {
    report.failed('the demo ran to its end', error)
  } finally {
    if (home) await rm(home, { recursive: true, force: true })
  }
  return report.end()
}

async function firstHalf({ client }: DemoYard, report: Report, signal: AbortSignal): Promise<void> {
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

async function afterRestart({ client, close, envFile }: DemoYard, report: Report): Promise<void> {
  const written = await envFile()
  report.line(
    'the choice is in the .env',
    written.includes(`MODELYARD_MODEL=${demoModels.second.file}`),
    written.trim().replace(/\n/g, ', '),
  )
  const answer = await client.chat().complete({ messages: [{ role: 'user', content: 'Who are you?' }], maxTokens: 12 })
  report.line('after a restart it serves again, verified', answer.model === demoModels.second.ref, `"${answer.text}"`)
  await close()
}

const saysItsName = ({ outcome, verification }: SwitchResult, name: string): boolean =>
  outcome === 'switched' && (verification?.text.includes(name) ?? false)

function said({ outcome, verification, error, steps }: SwitchResult): string {
  if (!verification) return `${outcome}: ${error?.message ?? ''}`
  const total = steps.reduce((sum, one) => sum + one.ms, 0)
  return `it said "${verification.text}" (${Math.round(total)} ms in all)`
}
