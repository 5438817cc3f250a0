/**
 * Outlives its parent for a moment: `node thaw.ts` reads lines `hold PID STARTMARK` and `let PID STARTMARK` from its input, and when the
 * input ends, which it does however the parent dies, it continues every process that is still held.
 */
import { createInterface } from 'node:readline'
import { isAlive, type ProcessIdentity } from '#pipelines/local/process/pid.ts'

const held = new Map<string, ProcessIdentity>()

// A signal meant for the parent's group must not end the one who cleans up after it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})

for await (const line of createInterface({ input: process.stdin })) {
  const [verb, pid = '', startedAt = ''] = line.split('\t')
  if (verb === 'hold') held.set(`${pid} ${startedAt}`, { pid: Number(pid), startedAt })
  if (verb === 'let') held.delete(`${pid} ${startedAt}`)
}
for (const one of held.values()) if (isAlive(one)) process.kill(one.pid, 'SIGCONT')
