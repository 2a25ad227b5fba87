/** What became of every switch: the newest 200, kept over restarts. */
import { joinRef, type SwitchRecord, type SwitchResult, type SwitchStep } from '../contract/index.ts'
import type { Ending } from './machine-state.ts'
import type { SwitchStore, Target } from './ports.ts'

export const keptSwitches = 200

export interface History {
  open(record: SwitchRecord): void
  get(id: string): SwitchRecord | undefined
  list(): SwitchRecord[]
  /** Which exact model is meant: what runs is told by name, also to whoever looks later. */
  knowTarget(id: string, to: Target): void
  addStep(id: string, step: SwitchStep, ms: number): void
  close(id: string, result: SwitchResult): Promise<void>
  read(): Promise<void>
}

export function createHistory(store: SwitchStore, onFault: (error: unknown) => void): History {
  let records: SwitchRecord[] = []
  let writing: Promise<void> = Promise.resolve()

  const replace = (id: string, change: (record: SwitchRecord) => SwitchRecord): void => {
    records = records.map((record) => (record.id === id ? change(record) : record))
  }
  const write = (): Promise<void> => {
    writing = writing.then(() => store.writeHistory(records.filter((record) => record.outcome))).catch(onFault)
    return writing
  }

  return {
    open(record) {
      records = [record, ...records].slice(0, keptSwitches)
    },
    get: (id) => records.find((record) => record.id === id),
    list: () => [...records],
    knowTarget: (id, to) => replace(id, (record) => ({ ...record, to: refOf(to) })),
    addStep: (id, step, ms) => replace(id, (record) => ({ ...record, steps: [...record.steps, { step, ms }] })),
    close(id, result) {
      replace(id, () => result)
      return write()
    },
    async read() {
      const running = records
      records = [...running, ...(await store.readHistory())].slice(0, keptSwitches)
    },
  }
}

export const refOf = (target: Target | undefined): string | undefined => target && joinRef(target.provider, target.name)

/** The record of a switch that has ended. */
export function resultOf(record: SwitchRecord, ending: Ending, endedAt: string): SwitchResult {
  const from = refOf(ending.from)
  const serving = refOf(ending.serving)
  return {
    id: record.id,
    slot: record.slot,
    outcome: ending.outcome,
    ...(from && { from }),
    to: joinRef(ending.to.provider, ending.to.name),
    ...(serving && { ref: serving }),
    epoch: ending.epoch,
    persisted: ending.persisted,
    warnings: [...ending.warnings],
    ...(ending.error && { error: { ...ending.error } }),
    ...(ending.verification && { verification: ending.verification }),
    steps: record.steps,
    startedAt: record.startedAt,
    endedAt,
  }
}
