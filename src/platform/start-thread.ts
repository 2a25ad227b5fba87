/** Starts one of our own files as a thread: what is built beside the bundle, or the source of it. */
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'

/**
 * `beside` is the `import.meta.url` of a file in the same folder of the source; the bundle has all threads in its own
 * folder. A thread does not inherit the loader that reads sources.
 */
export function startThread(name: 'hash-worker' | 'net-worker' | 'walk-worker', beside: string, workerData?: unknown): Worker {
  if (!beside.endsWith('.ts')) return new Worker(fileURLToPath(new URL(`./${name}.js`, beside)), { workerData, execArgv: [] })
  const source = JSON.stringify(new URL(`./${name}.ts`, beside).href)
  const loader = JSON.stringify(import.meta.resolve('tsx/esm/api'))
  return new Worker(`import(${loader}).then(({ register }) => { register(); return import(${source}) })`, {
    eval: true,
    execArgv: [],
    workerData,
  })
}
