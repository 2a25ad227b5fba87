import '/modelyard/elements.js'

const elements = document.querySelectorAll('modelyard-switch, modelyard-downloads')
const log = document.querySelector('#log')

/** The server of this app knows the address and a token; the page asks it for both, and keeps neither. */
async function connect() {
  const reply = await fetch('/modelyard/access')
  const { address, token } = await reply.json()
  for (const element of elements) {
    element.address = address
    element.token = token
  }
}

const say = (words) => {
  const line = document.createElement('li')
  line.textContent = words
  log.prepend(line)
}

document.addEventListener('modelyard-switched', ({ detail }) => say(`switched: ${detail.ref} serves ${detail.slot}`))
document.addEventListener('modelyard-rolled-back', ({ detail }) => say(`rolled back: ${detail.error?.message}`))
document.addEventListener('modelyard-not-switched', ({ detail }) => say(`not switched: ${detail.outcome}`))
document.addEventListener('modelyard-job-finished', ({ detail }) => say(`job ${detail.state}`))
document.addEventListener('modelyard-error', ({ detail }) => say(`error: ${detail.message}`))
document.addEventListener('modelyard-signed-out', ({ detail }) => say(`signed out: ${detail.message}`))

document.querySelector('#theme').addEventListener('change', ({ target }) => {
  for (const element of elements) element.theme = target.value
})

await connect()
