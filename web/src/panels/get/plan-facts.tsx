/** A plan, line by line: files, bytes, disks, engines, warnings. */
import type { ComponentChildren, JSX } from 'preact'
import type { JobPlan, PlannedFile } from '../../sdk.ts'
import { sizeText } from '../../text/numbers.ts'
import { shown } from '../../text/shown.ts'
import { text } from '../../text/text.ts'
import { Mark } from '../../ui/mark.tsx'
import { FitMark } from './fit-mark.tsx'
import { fetchText, fileNotes, modelWords, volumeText } from './plan-words.ts'

/** The files of a very large set are not all read by anybody. */
const mostFiles = 8

export function PlanFacts({ plan, isOld }: { readonly plan: JobPlan; readonly isOld: boolean }): JSX.Element {
  const own = text.get.plan
  const { source, files, volumes, warnings, fit, licence, choice } = plan
  // A repository's own page says why one was chosen and whether it fits.
  const isPlain = !('repo' in source)
  const model = modelWords(plan)
  const written = volumes.filter(({ neededBytes }) => neededBytes > 0)
  return (
    <>
      <dl class={`plan-facts ${isOld ? 'old' : ''}`}>
        {isPlain && choice !== undefined && <Fact name={own.because}>{shown(choice)}</Fact>}
        {model.length > 0 && <Fact name={own.what}>{model.join(', ')}</Fact>}
        {licence !== undefined && <Fact name={own.licence}>{shown(licence, 100)}</Fact>}
        {isPlain && fit && (
          <Fact name={own.fits}>
            <FitMark fit={fit} />
          </Fact>
        )}
        {files.length > 0 && (
          <Fact name={own.files}>
            <Files files={files} />
          </Fact>
        )}
        <Fact name={own.fetch}>
          <strong>{fetchText(plan)}</strong>
        </Fact>
        {written.length > 0 && (
          <Fact name={own.disk}>
            {written.map((one) => (
              <div key={one.path} class="name">
                {shown(volumeText(one), 300)}
              </div>
            ))}
          </Fact>
        )}
      </dl>
      {warnings.map((one) => (
        <div key={one} class="plan-warning">
          <Mark tone="warn">
            <span class="name">{shown(one)}</span>
          </Mark>
        </div>
      ))}
    </>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="name">{children}</dd>
    </div>
  )
}

function Files({ files }: { readonly files: readonly PlannedFile[] }): JSX.Element {
  const rest = files.slice(mostFiles)
  return (
    <>
      {files.slice(0, mostFiles).map((file) => (
        <FileLine key={file.path} file={file} />
      ))}
      {rest.length > 0 && (
        <details>
          <summary>{text.get.repository.files(rest.length)}</summary>
          {rest.map((file) => (
            <FileLine key={file.path} file={file} />
          ))}
        </details>
      )}
    </>
  )
}

function FileLine({ file }: { readonly file: PlannedFile }): JSX.Element {
  const { notes, path } = fileNotes(file)
  return (
    <div class="plan-file">
      <span class="name">{shown(file.path, 200)}</span>
      <span class="small muted">
        {file.bytes !== undefined && <span class="number">{sizeText(file.bytes)}</span>}
        {notes.map((one) => (
          <span key={one} title={path}>
            · {one}
          </span>
        ))}
      </span>
    </div>
  )
}
