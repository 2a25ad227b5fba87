/** The entry of the page: it is served by the service that it shows. */
import { render } from 'preact'
import { App } from './app.tsx'
import { sessionDoor } from './sdk.ts'
import { createSession } from './session.ts'
import './styles/page.css'
import { followTheme } from './theme.ts'

const url = location.origin + location.pathname.replace(/\/(?:index\.html)?$/, '')
followTheme(document.documentElement)
const session = createSession(sessionDoor(url), window)
const page = document.getElementById('page')
if (page) render(<App url={url} session={session} />, page)
