/**
 * Outlives its parent for a moment: `node reaper.ts` reads lines `kill PID STARTMARK`, `end PID STARTMARK` and `remove DIRECTORY` from its input, and does all of it when the
 * input ends, which it does however the parent dies. The line `done` ends it without doing anything.
 */
import { rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { isAlive, type ProcessIdentity } from './pid.ts'

/** How long one that was asked to end may take. */
const END_WITHIN_MS = 60_000

const processes: ProcessIdentity[] = []
const starters: ProcessIdentity[] = []
const directories: string[] = []

// A signal meant for the parent's group must not end the one who cleans up after it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})

for await (const line of createInterface({ input: process.stdin })) {
  const [verb, value = '', mark = ''] = line.split('\t')
  if (verb === 'kill') processes.push({ pid: Number(value), startedAt: mark })
  if (verb === 'end') starters.push({ pid: Number(value), startedAt: mark })
  if (verb === 'remove') directories.push(value)
  if (verb === 'done') process.exit(0)
}
for (const one of starters) if (isAlive(one)) process.kill(one.pid, 'SIGTERM')
for (const until = Date.now() + END_WITHIN_MS; starters.some(isAlive) && Date.now() < until; ) await pause(100)
for (const one of [...processes, ...starters]) if (isAlive(one)) process.kill(one.pid, 'SIGKILL')
for (const directory of directories)
  rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
