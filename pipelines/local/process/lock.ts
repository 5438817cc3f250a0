import { randomUUID } from 'node:crypto'
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { identityOf, isAlive, type ProcessIdentity } from './pid.ts'

/**
 * Runs `work` while no other process does under the same file. A lock whose holder died is taken over, so a `kill -9` never blocks
 * the next start.
 */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  while (!tryLock(file)) await pause(100)
  try {
    return await work()
  } finally {
    rmSync(file, { force: true })
  }
}

/** Takes the lock if nobody alive holds it. */
export function tryLock(file: string): boolean {
  const mine = `${file}.${randomUUID()}`
  writeFileSync(mine, JSON.stringify(identityOf(process.pid)))
  try {
    const holder = holderOf(file)
    if (holder !== undefined && !isAlive(holder)) removeStale(file)
    linkSync(mine, file) // makes the file with its content or fails: there is no moment in which it is empty
    return true
  } catch {
    return false
  } finally {
    rmSync(mine, { force: true })
  }
}

/** Removes a dead holder's lock, but gives it back if somebody was quicker and it is a living one's by now. */
function removeStale(file: string) {
  const taken = `${file}.${randomUUID()}.stale`
  renameSync(file, taken)
  const holder = holderOf(taken)
  if (holder !== undefined && isAlive(holder)) linkSync(taken, file)
  rmSync(taken, { force: true })
}

/** Who holds the lock, dead or alive. */
export function holderOf(file: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity
  } catch {
    return undefined
  }
}
