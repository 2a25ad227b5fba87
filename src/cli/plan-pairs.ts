import type { ImportPlan, ImportStrategy, JobPlan, PlannedFile } from '../contract/index.ts'
import { sourceText } from '../contract/written-source.ts'
import { formatContext, formatSize } from './format.ts'

type Pair = readonly [string, string | undefined]

/** What a job will do, for a person: what, from where, how big, what lies here, how each engine gets it, what it costs. */
export function planPairs(plan: JobPlan): Pair[] {
  const { source, repo, commit, quantization, choice, licence, fit, files, imports, volumes } = plan
  return [
    ['get', [repo ?? sourceText(source), quantization].filter(Boolean).join(' ')],
    ['commit', commit?.slice(0, 12)],
    ['because', choice],
    ['licence', licence],
    ['model', modelText(plan)],
    ['fits', fit && `${fitWords[fit.verdict]}: ${fit.text}`],
    ...files.map((file): Pair => ['file', fileText(file)]),
    ['download', downloadText(plan)],
    ...imports.map((one): Pair => ['into', importText(one)]),
    ...volumes.filter(({ neededBytes }) => neededBytes > 0).map((one): Pair => ['disk', volumeText(one)]),
    ['then', plan.switch && `the slot ${plan.switch} is switched to it`],
  ]
}

const fitWords = { gpu: 'on the GPU', partly: 'on GPU and CPU', memory: 'in memory', no: 'no', unknown: 'not known' } as const

const modelText = ({ architecture, contextLength, template }: JobPlan): string =>
  [
    architecture,
    contextLength !== undefined && `context ${formatContext(contextLength)}`,
    template !== undefined && (template ? 'brings a chat template' : 'brings no chat template'),
  ]
    .filter(Boolean)
    .join(', ')

function fileText({ path, bytes, role, from, already }: PlannedFile): string {
  const where = { download: '', library: 'in the library already', link: 'on this machine already', copy: 'copied', engine: '' }[from]
  const place = already !== undefined && from !== 'download' ? `${where}: ${already}` : where
  return [path, formatSize(bytes), role === 'projector' ? 'projector' : '', place].filter(Boolean).join('  ')
}

function downloadText({ downloadBytes, imports }: JobPlan): string {
  if (imports.some(({ strategy }) => strategy === 'engine-pull') && downloadBytes === 0) return 'by the engine itself'
  return downloadBytes === 0 ? 'nothing: all of it is here' : formatSize(downloadBytes)
}

const ways: Readonly<Record<ImportStrategy, string>> = {
  library: 'reads the library',
  reflink: 'by a copy that shares its blocks',
  'hard-link': 'by a hard link',
  copy: 'by a copy',
  lms: 'by the lms command',
  'registry-link': 'by its own pull, without a second copy',
  'registry-copy': 'by its own pull, with a second copy',
  'engine-pull': 'fetches it itself',
  present: 'has it already',
}

function importText({ provider, strategy, reason, name, extraBytes }: ImportPlan): string {
  const cost =
    extraBytes === undefined ? 'its cost on disk is not known' : extraBytes === 0 ? 'no further space' : `${formatSize(extraBytes)} more`
  const parts = [`${provider} ${ways[strategy]}`, name !== undefined && `as ${name}`, strategy !== 'present' && cost].filter(Boolean)
  return `${parts.join(', ')} (${reason})`
}

const volumeText = ({ path, neededBytes, freeBytes }: JobPlan['volumes'][number]): string =>
  `${formatSize(neededBytes)}${freeBytes === undefined ? '' : ` of ${formatSize(freeBytes)} free`} at ${path}`
