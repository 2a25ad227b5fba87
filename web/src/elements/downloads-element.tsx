/** `<modelyard-downloads>`: the jobs, each with how far it is and what can be done with it. */
import type { JSX } from 'preact'
import { Jobs } from '../panels/get/jobs.tsx'
import type { YardEvent } from '../sdk.ts'
import { text } from '../text/text.ts'
import { useYard } from '../yard/context.ts'
import { YardElement } from './element.tsx'
import { GetBox } from './get-box.tsx'
import type { ModelyardDownloadsElement } from './types.ts'

export class DownloadsElement extends YardElement implements ModelyardDownloadsElement {
  protected override readonly inside = DownloadsPart

  protected override tell(event: YardEvent): void {
    if (event.type === 'job.finished') this.say('modelyard-job-finished', event.job)
  }
}

function DownloadsPart(): JSX.Element {
  const { jobs } = useYard()
  return (
    <>
      <GetBox />
      {jobs.all.value?.length === 0 && <p class="muted">{text.elements.noJobs}</p>}
      <Jobs />
    </>
  )
}
