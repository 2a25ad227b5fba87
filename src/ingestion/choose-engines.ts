/** Which engines get the model, and how each of them takes it: decided before anything is written. */
import { type ImportPlan, ModelyardError, type ProviderState } from '../contract/index.ts'
import type { ImportDecision, ImportFile, ImportModel, Provider } from '../providers/provider.ts'
import { existingProvider } from '../switching/existing-provider.ts'
import { importModelOf } from './import-model.ts'
import type { Ports } from './ports.ts'
import type { Subject, SubjectFile } from './subject.ts'

export interface Decided {
  readonly provider: string
  readonly decision: ImportDecision
}

/** Preferred in this order where nobody says. */
const preferredKinds = ['lmstudio', 'ollama', 'embedded'] as const

/** Throws `provider_not_found`, the state of an engine that is not ready, `unsupported_operation`, and what `plan` throws. */
export async function chooseEngines(
  ports: Ports,
  {
    subject,
    into,
    holder,
  }: { readonly subject: Subject; readonly into?: readonly string[] | undefined; readonly holder?: string | undefined },
  signal: AbortSignal,
): Promise<Decided[]> {
  const model = importModelOf(subject, subject.files.map(plannedFile))
  if (into !== undefined) {
    const wanted = [...new Set(into)].map((id) => existingProvider(ports.directory, id))
    for (const provider of wanted) await mustTake(provider, signal)
    return Promise.all(wanted.map((provider) => decide(provider, model, signal)))
  }
  return [await firstThatTakes(ports, model, holder, signal)]
}

async function firstThatTakes(
  ports: Ports,
  model: ImportModel<ImportFile>,
  holder: string | undefined,
  signal: AbortSignal,
): Promise<Decided> {
  let refusal: unknown
  for (const provider of candidates(ports)) {
    if (provider.id === holder || (await whyNot(provider, signal)) !== undefined) continue
    try {
      return await decide(provider, model, signal)
    } catch (error) {
      signal.throwIfAborted()
      refusal ??= error
    }
  }
  throw (
    refusal ??
    new ModelyardError('unsupported_operation', 'No engine is ready to take a model.', {
      hint: 'Start Ollama or LM Studio, or install the embedded engine; `modelyard providers` says what each needs.',
    })
  )
}

/** That of the default slot first. */
function candidates({ directory, switcher }: Ports): Provider[] {
  const slot = switcher.slots().find(({ name }) => name === 'default')
  const id = (slot?.state.serving?.target ?? slot?.state.choice ?? slot?.remembered)?.provider
  const own = id === undefined ? undefined : directory.provider(id)
  const rest = preferredKinds.flatMap((kind) => directory.providers().filter((one) => one.kind === kind))
  return own ? [own, ...rest.filter((one) => one !== own)] : rest
}

async function mustTake(provider: Provider, signal: AbortSignal): Promise<void> {
  const refusal = await whyNot(provider, signal)
  if (refusal) throw refusal
}

const codeOf: Partial<Record<ProviderState, ModelyardError['code']>> = {
  stopped: 'provider_stopped',
  not_installed: 'provider_not_installed',
  unauthorized: 'provider_unauthorized',
  impostor: 'provider_impostor',
}

async function whyNot(provider: Provider, signal: AbortSignal): Promise<ModelyardError | undefined> {
  const refusal = await notReady(provider, signal)
  if (refusal || (provider.importing && provider.capabilities.import !== 'none')) return refusal
  return new ModelyardError('unsupported_operation', `${provider.id} has no way to take a model that Modelyard knows.`, {
    hint: 'Choose another engine with --into. An engine that reads a folder takes models when "modelsDir" names it.',
  })
}

/** Its state as an error; undefined when it is ready. */
export async function notReady(provider: Provider, signal: AbortSignal): Promise<ModelyardError | undefined> {
  const { state, error, hint } = await provider.probe(signal)
  if (state === 'ready') return undefined
  const why = error ? `: ${error.message}` : ''
  return new ModelyardError(
    codeOf[state] ?? 'provider_unreachable',
    `${provider.id} is ${state.replace('_', ' ')}${why}${/[.]$/.test(why) ? '' : '.'}`,
    {
      hint,
    },
  )
}

async function decide(provider: Provider, model: ImportModel<ImportFile>, signal: AbortSignal): Promise<Decided> {
  if (!provider.importing) throw new TypeError(`${provider.id} cannot import`)
  return { provider: provider.id, decision: await provider.importing.plan(model, signal) }
}

const plannedFile = ({ role, name, bytes, sha256, at }: SubjectFile): { role: SubjectFile['role']; file: ImportFile } => ({
  role,
  file: { name, bytes, sha256, path: at },
})

export const importView = ({ provider, decision }: Decided): ImportPlan => ({
  provider,
  strategy: decision.strategy,
  reason: decision.reason,
  ...(decision.name !== undefined && { name: decision.name }),
  extraBytes: decision.extraBytes,
})
