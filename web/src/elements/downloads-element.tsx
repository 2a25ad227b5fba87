/** `<modelyard-downloads>`: the jobs, each with how far it is and what can be done with it. */
import type { JSX } from 'preact'
import type { YardEvent } from '../sdk.ts'
import { YardElement } from './element.tsx'
import { Jobs } from './jobs.tsx'
import type { ModelyardDownloadsElement } from './types.ts'

export class DownloadsElement extends YardElement implements ModelyardDownloadsElement {
  protected override readonly inside = DownloadsPart

  protected override tell(event: YardEvent): void {
    if (event.type === 'job.finished') this.say('modelyard-job-finished', event.job)
  }
}

function DownloadsPart(): JSX.Element {
  return <Jobs />
}
