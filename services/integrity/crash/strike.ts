import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Action, Point } from '#pipelines/kernel/failpoint.ts'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import type { RecordedPart } from '#pipelines/local/supervisor/run-file.ts'
import { send, victimsOf } from '../chaos/processes.ts'

/** One failpoint of one running part, armed once. */
export interface Strike {
  readonly part: string
  readonly point: Point
  readonly action: Action
  /** At which passing. */
  readonly nth: number
  /** Of a hang, milliseconds; 0 for ever. */
  readonly forMs: number
}

export interface Struck {
  readonly strike: Strike
  /** False if the part did not come by in time. */
  readonly fired: boolean
}

/** The folder in which a shop of `startLocalShop` looks for armed points. */
export function pointsFolder(home: string): string {
  return join(home, 'failpoints')
}

const BACK_WITHIN_MS = 90_000
/** A claim whose scheduler was killed is given to another after a minute; until then no grace period ends. A busy machine takes longer. */
const PASSED_WITHIN_MS = 150_000

/** Arms the point, waits until the part has come by, and after a kill until its successor runs. */
export async function commitStrike(home: string, strike: Strike): Promise<Struck> {
  const victims = victimsOf(home)
  const before = victims.find(strike.part)
  // A run takes less than a second, and renews its lease every five: one must take its time.
  if (strike.point.startsWith('execution.beat.'))
    arm(home, { ...strike, point: 'execution.end.before', action: 'hang', nth: 1, forMs: LONGER_THAN_A_BEAT_MS })
  const file = arm(home, strike)
  for (const until = Date.now() + PASSED_WITHIN_MS; existsSync(file); await pause(20))
    if (Date.now() > until) {
      rmSync(file, { force: true })
      return { strike, fired: false }
    }
  // A task's own process is not the one that the run file records: that stays, and starts the next.
  if (strike.action === 'kill' && before && strike.part !== 'task-run') await untilAnother(home, before)
  if (strike.action === 'hang') await pause(strike.forMs)
  return { strike, fired: true }
}

const LONGER_THAN_A_BEAT_MS = 8_000

function arm(home: string, { part, point, action, nth, forMs }: Strike): string {
  const file = join(pointsFolder(home), `${part}.${point}`)
  mkdirSync(pointsFolder(home), { recursive: true })
  writeFileSync(file, `${action}:${nth}:${forMs}\n`)
  return file
}

/** Kills a part at whatever it does at the moment. False if it does not run. */
export async function killPart(home: string, part: string): Promise<boolean> {
  const victim = victimsOf(home).find(part)
  if (!victim || !send(victim, 'SIGKILL')) return false
  await untilAnother(home, victim)
  return true
}

async function untilAnother(home: string, { name, pid }: RecordedPart): Promise<void> {
  for (const until = Date.now() + BACK_WITHIN_MS; Date.now() < until; await pause(50)) {
    const now = victimsOf(home).find(name)
    if (now && now.pid !== pid) return
  }
}

/** Side by side, one after the other within a part: so what dies, hangs or fails overlaps with what does elsewhere. */
export async function commitStrikes(home: string, strikes: readonly Strike[]): Promise<readonly Struck[]> {
  const lanes = [...Map.groupBy(strikes, ({ part }) => part).values()].map(async (lane) => {
    const struck: Struck[] = []
    for (const strike of lane) struck.push(await commitStrike(home, strike))
    return struck
  })
  return (await Promise.all(lanes)).flat()
}
