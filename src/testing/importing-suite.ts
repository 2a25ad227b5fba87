/** What `provider.ts` promises of `importing`, for the conformance suite. */
import assert from 'node:assert/strict'
import { ModelyardError } from '../contract/index.ts'
import type { ImportAddition, Importing, ImportModel, Provider } from '../providers/provider.ts'

/** A subject that imports, and a model that it does not have yet. */
export interface ImportSubject {
  readonly provider: Provider
  readonly importing: Importing
  readonly model: ImportModel
}

const signal = (): AbortSignal => AbortSignal.timeout(60_000)
const names = async ({ provider }: ImportSubject): Promise<string[]> => (await provider.list(signal())).map((one) => one.name).sort()

const sorted = (added: readonly ImportAddition[]): ImportAddition[] =>
  [...added].sort((a, b) => (`${a.kind} ${a.what}` < `${b.kind} ${b.what}` ? -1 : 1))

export async function importsOnceAndTakesBack(subject: ImportSubject): Promise<void> {
  const { provider, importing, model } = subject
  const before = await names(subject)
  const decision = await importing.plan(model, signal())
  assert.ok(decision.reason.length > 0 && decision.extraBytes >= 0)
  assert.deepEqual(await names(subject), before, 'a plan changes nothing')
  const told: ImportAddition[] = []
  const onAdding = async (added: ImportAddition): Promise<void> => void told.push(added)
  const { name, added } = await importing.perform(model, decision, { signal: signal(), onAdding })
  if (decision.name !== undefined) assert.ok(provider.sameModel(name, decision.name), `${name} was announced as ${decision.name}`)
  for (const one of added)
    assert.ok(
      told.some(({ what }) => what === one.what),
      `${one.what} was not told before it was added`,
    )
  assert.ok(
    (await names(subject)).some((one) => provider.sameModel(one, name)),
    `${name} is not listed`,
  )
  const again = await importing.perform(model, await importing.plan(model, signal()), { signal: signal() })
  assert.ok(provider.sameModel(again.name, name))
  assert.deepEqual(again.added, [], 'what is there is not added again')
  const resumed = await importing.perform(model, decision, { signal: signal(), recorded: added })
  assert.deepEqual(sorted(resumed.added), sorted(added), 'what an earlier try had recorded is its own')
  await importing.undo(resumed.added, signal())
  if (added.length > 0) assert.deepEqual(await names(subject), before, 'undone: as it was before')
  await importing.undo(added, signal())
}

export async function leavesNothingOfAnAbort(subject: ImportSubject): Promise<void> {
  const { importing, model } = subject
  const before = await names(subject)
  const decision = await importing.plan(model, signal())
  const abort = new AbortController()
  const onAdding = async (): Promise<void> => abort.abort(new ModelyardError('cancelled', 'not wanted'))
  const performing = importing.perform(model, decision, { signal: abort.signal, onAdding })
  const added = await performing.then(
    ({ added: all }) => all,
    (error: unknown) => {
      assert.ok(ModelyardError.is(error) && error.code === 'cancelled', String(error))
      return undefined
    },
  )
  // Where nothing has to be added there is nothing to abort.
  assert.ok(added === undefined || added.length === 0, 'an abort was not heeded')
  if (added === undefined) assert.deepEqual(await names(subject), before)
}
