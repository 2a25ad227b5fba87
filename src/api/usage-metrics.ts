/** The numbers of requests, as Prometheus reads them: one series for each slot and model that was asked. */
import type { Metric, Registry } from 'prom-client'
import type { Histogram } from '../util/histogram.ts'
import type { UsageMeter, UsageTotals } from '../yard/usage.ts'

interface Value {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  readonly metricName?: string
}

interface Read {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly values: (totals: UsageTotals) => Value[]
}

/** They are counted elsewhere and read when they are asked for. */
export function registerUsage(register: Registry, meter: Pick<UsageMeter, 'totals'>): void {
  for (const { name, help, type, values } of metrics) {
    const get = async () => ({ name, help, type, aggregator: 'sum', values: meter.totals().flatMap(values) })
    register.registerMetric({ name, get } as unknown as Metric)
  }
}

const labelsOf = ({ slot = '', ref = '' }: UsageTotals) => ({ slot, model: ref })
const one = (of: (totals: UsageTotals) => number) => (totals: UsageTotals) => [{ labels: labelsOf(totals), value: of(totals) }]

const metrics: readonly Read[] = [
  {
    name: 'modelyard_model_requests_total',
    help: 'Requests that ended; outcome is ok, left (the client had gone) or an error code',
    type: 'counter',
    values: (totals) =>
      [...totals.requests].flatMap(([route, outcomes]) =>
        [...outcomes].map(([outcome, value]) => ({ labels: { ...labelsOf(totals), route, outcome }, value })),
      ),
  },
  { name: 'modelyard_model_running', help: 'Requests that run', type: 'gauge', values: one((totals) => totals.running) },
  {
    name: 'modelyard_model_prompt_tokens_total',
    help: 'Tokens of prompts, as engines count them',
    type: 'counter',
    values: one((totals) => totals.promptTokens),
  },
  {
    name: 'modelyard_model_completion_tokens_total',
    help: 'Tokens of answers, as engines count them',
    type: 'counter',
    values: one((totals) => totals.completionTokens),
  },
  {
    name: 'modelyard_model_generated_tokens_total',
    help: 'Tokens after the first of each answer',
    type: 'counter',
    values: one((totals) => totals.generatedTokens),
  },
  {
    name: 'modelyard_model_generating_seconds_total',
    help: 'The time that these took: tokens per second is the one rate over the other',
    type: 'counter',
    values: one((totals) => totals.generatingSeconds),
  },
  {
    name: 'modelyard_model_first_token_seconds',
    help: 'From the admission by a model to the first token',
    type: 'histogram',
    values: (totals) => spread('modelyard_model_first_token_seconds', labelsOf(totals), totals.firstTokenSeconds),
  },
  {
    name: 'modelyard_model_wait_seconds',
    help: 'How long requests through a slot waited for its model',
    type: 'histogram',
    values: (totals) => spread('modelyard_model_wait_seconds', labelsOf(totals), totals.waitSeconds),
  },
]

/** Cumulative, as Prometheus wants it; nothing of what was never observed. */
function spread(name: string, labels: Value['labels'], { bounds, counts, count, sum }: Histogram): Value[] {
  if (count === 0) return []
  let below = 0
  const buckets = bounds.map((bound, at) => {
    below += counts[at] ?? 0
    return { metricName: `${name}_bucket`, labels: { ...labels, le: String(bound) }, value: below }
  })
  return [
    ...buckets,
    { metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: count },
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ]
}
