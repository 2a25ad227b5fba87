/** The header of a model before any of it is downloaded. */
import { ModelyardError } from '../contract/index.ts'
import { DamagedHeader } from '../util/gguf/header-reader.ts'
import { type GgufSummary, readBeginning, readSummary } from '../util/gguf/summary.ts'
import type { HubHttp } from './hub-http.ts'
import type { RemoteFile, ResolvedFile } from './remote-file.ts'
import { createRemoteSource } from './remote-source.ts'

export interface RemoteHeader {
  readonly file: RemoteFile
  readonly place: ResolvedFile
  readonly brief: boolean
}

export async function readRemoteHeader(http: HubHttp, { file, place, brief }: RemoteHeader, signal: AbortSignal): Promise<GgufSummary> {
  const source = createRemoteSource(http.outbound, place, signal)
  try {
    return await (brief ? readBeginning(source) : readSummary(source))
  } catch (error) {
    if (!(error instanceof DamagedHeader)) throw error
    throw new ModelyardError('not_a_model_file', `${file.path} of ${file.repo} is no GGUF model that can be used: ${error.message}.`)
  }
}
