/**
 * The conformance suite of providers: what `provider.ts` promises, checked one promise a case, for any provider and any
 * test runner with `describe` and `it`. Capabilities decide which cases apply.
 */
import assert from 'node:assert/strict'
import { gatherParts, isErrorCode, type LoadOptions, type ModelCapability, ModelyardError } from '../contract/index.ts'
import type { ChatPart, ImportModel, Provider, ProviderChatRequest } from '../providers/provider.ts'
import { type ImportSubject, importsOnceAndTakesBack, leavesNothingOfAnAbort } from './importing-suite.ts'

export interface TestRunner {
  describe(name: string, body: () => void): void
  it(name: string, body: () => Promise<void>): void
}

export interface ConformanceSubject extends AsyncDisposable {
  readonly provider: Provider
  readonly models: {
    readonly chat: string
    readonly other?: string | undefined
    readonly embedding?: string | undefined
    /** Is listed, and cannot be loaded. */
    readonly broken?: string | undefined
    /** Is not there yet, and can be brought there. */
    readonly importable?: ImportModel | undefined
  }
}

export interface ConformanceCase {
  readonly name: string
  /** A provider in its first state, for each case anew. */
  create(): Promise<ConformanceSubject>
}

export function providerConformance(runner: TestRunner, { name, create }: ConformanceCase): void {
  const promise = (title: string, check: (subject: ConformanceSubject) => Promise<void>): void =>
    runner.it(title, async () => {
      await using subject = await create()
      await check(subject)
    })
  runner.describe(`the provider ${name}`, () => {
    probing(promise)
    listing(promise)
    loading(promise)
    chatting(promise)
    callingTools(promise)
    embedding(promise)
    importing(promise)
    ending(promise)
  })
}

type Promises = (title: string, check: (subject: ConformanceSubject) => Promise<void>) => void

const signal = (): AbortSignal => AbortSignal.timeout(60_000)
const hello = (model: string, more: Partial<ProviderChatRequest> = {}): ProviderChatRequest => ({
  model,
  messages: [{ role: 'user', content: 'Say hello.' }],
  maxTokens: 6,
  ...more,
})

async function partsOf(provider: Provider, request: ProviderChatRequest, chatSignal = signal()): Promise<ChatPart[]> {
  const parts: ChatPart[] = []
  for await (const part of provider.chat(request, { signal: chatSignal })) parts.push(part)
  return parts
}

/** It fails with one of our errors, and with one of these codes. */
async function failsWith(work: () => Promise<unknown>, ...codes: string[]): Promise<void> {
  const error = await work().then(
    () => assert.fail(`expected one of ${codes.join(', ')}, but it went well`),
    (thrown: unknown) => thrown,
  )
  assert.ok(ModelyardError.is(error), `not one of our errors: ${String(error)}`)
  assert.ok(isErrorCode(error.code))
  assert.ok(codes.includes(error.code), `expected ${codes.join(', ')}, got ${error.code}: ${error.message}`)
}

function probing(promise: Promises): void {
  promise('is found by its fingerprint', async ({ provider }) => {
    const { state } = await provider.probe(signal())
    assert.equal(state, 'ready')
  })
  promise('throws from a probe only what the caller’s signal says', async ({ provider }) => {
    const reason = new ModelyardError('cancelled', 'enough')
    const thrown = await provider.probe(AbortSignal.abort(reason)).catch((error: unknown) => error)
    if (ModelyardError.is(thrown)) assert.equal(thrown.message, 'enough')
  })
}

function listing(promise: Promises): void {
  promise('lists its models with their kinds', async ({ provider, models }) => {
    const listed = await provider.list(signal())
    const find = (name: string) => listed.find((one) => provider.sameModel(one.name, name))
    assert.equal(find(models.chat)?.kind, 'chat')
    if (models.other !== undefined) assert.equal(find(models.other)?.kind, 'chat')
    if (models.embedding !== undefined) assert.equal(find(models.embedding)?.kind, 'embedding')
    assert.equal(new Set(listed.map((one) => one.name)).size, listed.length, 'each name once')
  })
  promise('shows one of them, and says model_not_found of any other', async ({ provider, models }) => {
    const shown = await provider.show(models.chat, signal())
    assert.ok(provider.sameModel(shown.name, models.chat))
    await failsWith(() => provider.show('no-such-model-here', signal()), 'model_not_found')
  })
  promise('can say what a removal would take away where it says that it removes', async ({ provider, models }) => {
    if (provider.capabilities.remove === 'none') return
    const plan = await provider.removing?.plan(models.chat, signal())
    assert.ok(plan && plan.removed.length > 0, 'it removes nothing')
    assert.ok(plan.freedBytes <= plan.removed.reduce((sum, { bytes }) => sum + bytes, 0))
    assert.ok(
      (await provider.list(signal())).some((one) => provider.sameModel(one.name, models.chat)),
      'a plan changes nothing',
    )
    await failsWith(async () => provider.removing?.plan('no-such-model-here', signal()), 'model_not_found')
  })
  promise('knows names that mean the same', async ({ provider, models }) => {
    assert.ok(provider.sameModel(models.chat, models.chat))
    assert.ok(!provider.sameModel(models.chat, 'no-such-model-here'))
  })
}

const canLoad = ({ capabilities }: Provider): boolean => capabilities.load === 'blocking' || capabilities.load === 'polled'

async function names(provider: Provider): Promise<string[]> {
  return (await provider.loaded(signal())).map((one) => one.name)
}

const holds = async (provider: Provider, name: string): Promise<boolean> =>
  (await names(provider)).some((one) => provider.sameModel(one, name))

function loading(promise: Promises): void {
  const load = (provider: Provider, name: string, options: LoadOptions = {}) => provider.load(name, options, { signal: signal() })
  promise('loads, once for the same options, and says what is in memory', async ({ provider, models }) => {
    if (!canLoad(provider)) return
    const instance = await load(provider, models.chat)
    assert.ok(provider.sameModel(instance.name, models.chat))
    await load(provider, models.chat)
    const same = (await names(provider)).filter((one) => provider.sameModel(one, models.chat))
    assert.equal(same.length, 1)
  })
  promise('loads with the context that is asked for', async ({ provider, models }) => {
    if (!canLoad(provider) || provider.capabilities.contextLength !== 'per-load') return
    const instance = await load(provider, models.chat, { contextLength: 256 })
    assert.equal(instance.contextLength, 256)
  })
  promise('unloads, and once more without complaint', async ({ provider, models }) => {
    if (!canLoad(provider) || provider.capabilities.unload === 'none') return
    await load(provider, models.chat)
    await provider.unload({ name: models.chat }, signal())
    assert.ok(!(await holds(provider, models.chat)))
    await provider.unload({ name: models.chat }, signal())
  })
  promise('says model_not_found when it is to load what it does not have', async ({ provider }) => {
    await failsWith(() => load(provider, 'no-such-model-here'), 'model_not_found')
  })
  promise('says why a damaged model could not be loaded, and leaves nothing of it', async ({ provider, models }) => {
    const { broken } = models
    if (broken === undefined || !canLoad(provider)) return
    await failsWith(() => load(provider, broken), 'load_failed', 'out_of_memory')
    assert.ok(!(await holds(provider, broken)))
  })
  promise('ends a load that is not wanted any more', async ({ provider, models }) => {
    if (!canLoad(provider)) return
    const reason = new ModelyardError('cancelled', 'not wanted')
    await failsWith(() => provider.load(models.chat, {}, { signal: AbortSignal.abort(reason) }), 'cancelled')
  })
}

function chatting(promise: Promises): void {
  promise('answers: one start, parts, one end', async ({ provider, models }) => {
    await provider.load(models.chat, {}, { signal: signal() })
    const parts = await partsOf(provider, hello(models.chat))
    assert.deepEqual([parts[0]?.type, parts.at(-1)?.type], ['start', 'end'])
    assert.equal(parts.filter((one) => one.type === 'start' || one.type === 'end').length, 2)
    assert.ok(parts.length > 2, 'something is said')
  })
  promise('says truly which model answers', async ({ provider, models }) => {
    if (!provider.capabilities.namesAnsweringModel) return
    for (const part of await partsOf(provider, hello(models.chat))) {
      if (part.type === 'start' && part.model !== undefined) assert.ok(provider.sameModel(part.model, models.chat), part.model)
    }
  })
  promise('says no more than it is asked for', async ({ provider, models }) => {
    const parts = await partsOf(provider, hello(models.chat, { maxTokens: 3 }))
    const said = parts.filter((one) => one.type === 'delta' || one.type === 'reasoning')
    assert.ok(said.length <= 3, `${said.length} pieces`)
    const end = parts.at(-1)
    if (end?.type === 'end' && end.usage?.completionTokens !== undefined) assert.ok(end.usage.completionTokens <= 3)
  })
  promise('tells how probable its tokens were, or refuses to be asked', async ({ provider, models }) => {
    const request = hello(models.chat, { maxTokens: 3, logprobs: 2 })
    const parts = await partsOf(provider, request).catch((error: unknown) => {
      assert.ok(ModelyardError.is(error) && error.code === 'invalid_request' && error.details?.field === 'logprobs', String(error))
      return undefined
    })
    const told = parts?.flatMap((part) => ('logprobs' in part ? (part.logprobs ?? []) : []))
    assert.ok(told === undefined || told.length > 0, 'it was asked, and told nothing')
    assert.ok(told?.every(({ logprob, top }) => logprob <= 0 && top.length <= 2) ?? true, JSON.stringify(told))
  })
  promise('ends its work when it is left, and can be asked again', async ({ provider, models }) => {
    for await (const part of provider.chat(hello(models.chat, { maxTokens: 200 }), { signal: signal() })) if (part.type === 'delta') break
    assert.equal((await partsOf(provider, hello(models.chat))).at(-1)?.type, 'end')
  })
  promise('ends with the signal’s reason', async ({ provider, models }) => {
    const abort = new AbortController()
    await failsWith(async () => {
      for await (const part of provider.chat(hello(models.chat, { maxTokens: 200 }), { signal: abort.signal })) {
        if (part.type === 'delta') abort.abort(new ModelyardError('superseded', 'something newer'))
      }
    }, 'superseded')
    await failsWith(() => partsOf(provider, hello(models.chat), AbortSignal.abort(new ModelyardError('cancelled'))), 'cancelled')
  })
  promise('answers several at once', async ({ provider, models }) => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => partsOf(provider, hello(models.chat))))
    for (const parts of answers) assert.equal(parts.at(-1)?.type, 'end')
  })
  promise('says context_length_exceeded to what is too long', async ({ provider, models }) => {
    if (provider.capabilities.contextLength !== 'per-load' || !canLoad(provider)) return
    const load = { contextLength: 256 }
    await provider.load(models.chat, load, { signal: signal() })
    const messages = [{ role: 'user' as const, content: 'word '.repeat(4000) }]
    await failsWith(() => partsOf(provider, { ...hello(models.chat), messages, load }), 'context_length_exceeded')
  })
  promise('does not answer for a model it does not have', async ({ provider }) => {
    if (!provider.capabilities.multipleModels) return
    await failsWith(() => partsOf(provider, hello('no-such-model-here')), 'model_not_found')
  })
}

const weather = {
  name: 'weather',
  description: 'Tells the weather of a place',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}

/** Of models that the engine says can do it; where it says nothing, its promise is not known. */
async function can(provider: Provider, model: string, capability: ModelCapability): Promise<boolean> {
  return (await provider.show(model, signal())).capabilities.includes(capability)
}

const question = (model: string): ProviderChatRequest => ({
  model,
  messages: [{ role: 'user', content: 'How is the weather in Cologne? Use the tool.' }],
  tools: [weather],
})

function callingTools(promise: Promises): void {
  promise('tells calls of tools as they are, and takes their results', async ({ provider, models }) => {
    if (!(await can(provider, models.chat, 'tools'))) return
    await provider.load(models.chat, {}, { signal: signal() })
    const gathering = gatherParts()
    const parts = await partsOf(provider, question(models.chat))
    for (const part of parts) if (part.type !== 'start' && part.type !== 'end') gathering.add(part)
    const toolCalls = gathering.toolCalls()
    // A model may answer without them.
    if (toolCalls.length === 0) return
    assert.deepEqual(
      toolCalls.map(({ name }) => name).filter((name) => name !== weather.name),
      [],
    )
    for (const call of toolCalls) assert.equal(typeof JSON.parse(call.arguments), 'object')
    const end = parts.at(-1)
    assert.equal(end?.type === 'end' && end.finishReason, 'tool_calls')
    const results = toolCalls.map(({ id, name }) => ({ role: 'tool' as const, toolCallId: id, name, content: 'Rain.' }))
    const { messages } = question(models.chat)
    const talk = [...messages, { role: 'assistant' as const, content: gathering.text, toolCalls }, ...results]
    assert.equal((await partsOf(provider, { ...question(models.chat), messages: talk, maxTokens: 6 })).at(-1)?.type, 'end')
  })
  promise('offers no tool where none is to be called', async ({ provider, models }) => {
    const parts = await partsOf(provider, hello(models.chat, { tools: [weather], toolChoice: 'none' }))
    assert.ok(parts.every(({ type }) => type !== 'tool_call'))
  })
  promise('refuses a choice without its tool, before anything is asked', async ({ provider, models }) => {
    if (!(await can(provider, models.chat, 'tools'))) return
    await failsWith(
      () => partsOf(provider, hello(models.chat, { tools: [weather], toolChoice: { name: 'no-such-tool' } })),
      'invalid_request',
    )
  })
  promise('keeps to the form that is asked for', async ({ provider, models }) => {
    const schema = { type: 'object', properties: { good: { type: 'boolean' } }, required: ['good'], additionalProperties: false }
    const format = { type: 'schema' as const, schema }
    const parts = await partsOf(provider, hello(models.chat, { format, maxTokens: 200, reasoning: false }))
    const end = parts.at(-1)
    // One that was cut off at its limit is not whole.
    if (end?.type === 'end' && end.finishReason === 'length') return
    const said = parts.map((part) => (part.type === 'delta' ? part.text : '')).join('')
    assert.equal(typeof JSON.parse(said).good, 'boolean', said)
  })
}

function embedding(promise: Promises): void {
  promise('makes one vector of each text, alike for alike texts', async ({ provider, models: { embedding: model } }) => {
    if (!provider.embed || model === undefined) return
    const { vectors } = await provider.embed({ model, input: ['one', 'two', 'one'] }, { signal: signal() })
    assert.equal(vectors.length, 3)
    const [first = [], second, third = []] = vectors
    assert.ok(first.length > 0)
    assert.equal(second?.length, first.length)
    const distance = Math.hypot(...first.map((value, index) => value - (third[index] ?? Number.NaN)))
    assert.ok(distance < 0.01, `${distance} between the vectors of one text`)
  })
  promise('says unsupported_operation where a model makes no vectors', async ({ provider, models }) => {
    if (!provider.embed) return
    await failsWith(async () => provider.embed?.({ model: models.chat, input: ['one'] }, { signal: signal() }), 'unsupported_operation')
  })
  promise('counts the tokens of a prompt where it says that it can', async ({ provider, models }) => {
    if (!provider.countTokens) return
    await provider.load(models.chat, {}, { signal: signal() })
    const { messages } = hello(models.chat)
    const short = await provider.countTokens({ model: models.chat, messages }, { signal: signal() })
    const long = await provider.countTokens({ model: models.chat, messages: [...messages, ...messages] }, { signal: signal() })
    assert.ok(short > 0 && long > short, `${short}, then ${long}`)
  })
}

function importing(promise: Promises): void {
  const subjectOf = ({ provider, models }: ConformanceSubject): ImportSubject | undefined =>
    provider.importing && provider.capabilities.import !== 'none' && models.importable
      ? { provider, importing: provider.importing, model: models.importable }
      : undefined
  const check = async (subject: ConformanceSubject, work: (importing: ImportSubject) => Promise<void>): Promise<void> => {
    await subject.provider.probe(signal())
    const found = subjectOf(subject)
    if (found) await work(found)
  }
  promise('takes a model once, says so beforehand, and gives it back', (subject) => check(subject, importsOnceAndTakesBack))
  promise('keeps nothing of an import that is not wanted any more', (subject) => check(subject, leavesNothingOfAnAbort))
}

function ending(promise: Promises): void {
  promise('closes, and once more', async ({ provider }) => {
    await provider.close()
    await provider.close()
  })
}
