/** For a process of ours that must not outlive the one that started it. */
import { Worker } from 'node:worker_threads'

/**
 * Ends this process when its standard input or its channel ends, so when its parent does, even by SIGKILL. A thread
 * watches the input: it sees the end also while the main thread is deep in a library or in an endless loop.
 */
export function endWithParent(): void {
  const end = (): void => void process.kill(process.pid, 'SIGKILL')
  process.on('disconnect', end)
  const thread = new Worker(watch, { eval: true, execArgv: [], env: {}, resourceLimits: { maxOldGenerationSizeMb: 8, stackSizeMb: 1 } })
  thread.unref()
}

/** Blocks until the end of the input, where nothing is ever written. */
const watch = `
const { readSync } = require('node:fs')
const pause = new Int32Array(new SharedArrayBuffer(4))
for (;;) {
  try {
    if (readSync(0, Buffer.alloc(1)) === 0) break
  } catch (error) {
    if (error.code !== 'EAGAIN' && error.code !== 'EINTR') break
    Atomics.wait(pause, 0, 0, 200)
  }
}
process.kill(process.pid, 'SIGKILL')
`
