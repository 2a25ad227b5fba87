import type { Fit, HubQuantization, HubRepository } from '../contract/index.ts'
import { formatContext, formatCount, formatSize, formatWhen } from './format.ts'
import type { Io } from './io.ts'
import { showPairs } from './pairs.ts'
import { table } from './table.ts'

/** A repository of the Hub: what it is, its quantizations, what fits. */
export function showRepository(io: Io, repository: HubRepository): void {
  if (io.json) return io.document(repository)
  const { repo, url, gated, licence, architecture, parameters, contextLength, downloads, updatedAt, projectors, drafts } = repository
  showPairs(io, [
    ['repository', repo],
    ['page', url],
    ['licence', licence],
    ['gated', gated === false ? undefined : `yes (${gated}): accept its terms on the page`],
    ['architecture', architecture],
    ['parameters', formatCount(parameters)],
    ['context', formatContext(contextLength)],
    ['downloads', formatCount(downloads)],
    ['updated', formatWhen(updatedAt)],
    ...projectors.map(({ path, bytes }): [string, string] => ['projector', `${path}  ${formatSize(bytes)}`]),
    ...drafts.map(({ path, bytes }): [string, string] => ['draft', `${path}  ${formatSize(bytes)}`]),
  ])
  if (repository.quantizations.length === 0) return io.note('It has no GGUF model.')
  io.out(`\n${quantizationTable(io, repository)}`)
  const shown = repository.quantizations.find(({ quantization, fit }) => quantization === repository.recommended && fit)
  if (repository.recommendation) io.note(repository.recommendation)
  if (shown?.fit) io.note(`${shown.quantization}: ${shown.fit.text}.`)
}

function quantizationTable(io: Io, { quantizations, recommended }: HubRepository): string {
  const columns = [
    { title: 'QUANTIZATION' },
    { title: 'SIZE', right: true },
    { title: 'FILES', right: true },
    { title: 'NEEDS', right: true },
    { title: 'FITS' },
    { title: '', paint: (cell: string) => io.color.green(cell) },
  ]
  const rows = quantizations.map((one) => [
    one.quantization,
    formatSize(one.bytes),
    String(one.files.length),
    formatSize(one.fit?.neededBytes),
    fitWord(one),
    one.quantization === recommended && one.complete ? 'recommended' : '',
  ])
  return table(columns, rows)
}

const words: Readonly<Record<Fit['verdict'], string>> = {
  gpu: 'on the GPU',
  partly: 'on GPU and CPU',
  memory: 'in memory',
  no: 'no',
  unknown: 'not known',
}

const fitWord = ({ complete, fit }: HubQuantization): string => (complete ? (fit ? words[fit.verdict] : '') : 'shards are missing')
