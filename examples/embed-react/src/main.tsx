import { type ReactElement, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { ModelyardDownloads, ModelyardSwitch } from './modelyard'

/** Asked of this app's own server, as in the HTML example: the page keeps neither. */
async function access(): Promise<{ address: string; token: string }> {
  const reply = await fetch('/modelyard/access')
  return reply.json()
}

function App(): ReactElement {
  const [door, setDoor] = useState<{ address: string; token: string }>()
  const [last, setLast] = useState('nothing yet')
  useEffect(() => {
    void access().then(setDoor)
  }, [])
  const common = { address: door?.address ?? '', token: door?.token, onSignedOut: () => void access().then(setDoor) }
  return (
    <main>
      <h1>A React app</h1>
      <ModelyardSwitch {...common} style={{ height: 460 }} onSwitched={({ ref }) => setLast(`${ref} serves`)} />
      <ModelyardDownloads {...common} onJobFinished={({ state }) => setLast(`a job ${state}`)} />
      <p role="status">{last}</p>
    </main>
  )
}

const place = document.getElementById('app')
if (place) createRoot(place).render(<App />)
