import { openInBrowser } from '../../platform/open-in-browser.ts'
import type { RunCommand } from '../command-spec.ts'
import { connect } from '../connection.ts'
import { sessionLink } from '../session-link.ts'

/** The page in the browser, signed in; where no browser can be opened, the link on standard output. */
export const run: RunCommand = async (context) => {
  const { io, options, env, signal } = context
  await using connection = await connect(context, 'serve')
  const { url } = connection.client
  const made = await connection.client.session.code({ signal })
  const link = sessionLink(url, made)
  if (io.json) io.document({ url: link, expiresAt: made.expiresAt })
  else if (options.print !== true && (await openInBrowser(link, { env }))) io.note(`Opened ${url} in the browser.`)
  else {
    io.out(`${link}\n`)
    io.note('This link signs one browser in. It is good for one minute and one use.')
  }
  return 0
}
