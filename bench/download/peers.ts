/** What people download and check with otherwise, as far as it is on this machine. */
import { execFileSync, spawnSync } from 'node:child_process'
import type { Served } from './nginx.ts'

export interface Peer {
  readonly name: string
  readonly version: string
  /** So many times slower than ours, at least. */
  readonly atLeast: number
  /** Downloads and checks; a command for the shell. */
  command(source: Served): string
}

const all: readonly (Omit<Peer, 'version'> & { versions: readonly string[] })[] = [
  {
    name: 'curl + openssl dgst',
    versions: ['curl --version', 'openssl version'],
    atLeast: 2,
    command: ({ url, folder }) => `curl -sS -o ${folder}/peer ${url} && openssl dgst -sha256 ${folder}/peer`,
  },
  {
    name: 'curl + sha256sum',
    versions: ['curl --version', 'sha256sum --version'],
    atLeast: 5,
    command: ({ url, folder }) => `curl -sS -o ${folder}/peer ${url} && sha256sum ${folder}/peer`,
  },
  {
    name: 'aria2c --checksum',
    versions: ['aria2c --version'],
    atLeast: 8,
    command: ({ url, folder, sha256 }) =>
      `aria2c -q -x4 -s4 --file-allocation=none --checksum=sha-256=${sha256} -d ${folder} -o peer ${url}`,
  },
]

export function peersHere(): Peer[] {
  return all.flatMap(({ versions, ...peer }) => {
    const said = versions.map(versionOf)
    return said.includes(undefined) ? [] : [{ ...peer, version: said.join(', ') }]
  })
}

export function versionOf(command: string): string | undefined {
  const [program = '', ...args] = command.split(' ')
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  return status === 0
    ? (stdout || stderr)
        .split('\n')[0]
        ?.replace(/\(.*?\)\s?/g, '')
        .split(' lib')[0]
        ?.trim()
    : undefined
}

/** Milliseconds. */
export function timePeer(peer: Peer, source: Served, environment: Readonly<Record<string, string>> = {}): number {
  const began = performance.now()
  execFileSync('sh', ['-c', peer.command(source)], { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, ...environment } })
  return performance.now() - began
}
