import type { Server } from 'node:http'

export interface AppOptions {
  /** Of the service. */
  readonly address: string
  readonly token: string
  readonly port: number
  /** The file of `modelyard/elements`. */
  readonly elements?: string
}

export function serveApp(options: AppOptions): Promise<Server>
