import type { Client } from '../client/index.ts'
import type { RunningService } from './home.ts'

/** What every command talks to, wherever the work is done. */
export interface Connected extends AsyncDisposable {
  readonly client: Client
  /** Absent: the work is done in this process. */
  readonly service?: RunningService
}
