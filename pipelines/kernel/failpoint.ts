import { readFileSync, statSync, unlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Unavailable, UsageError } from './errors.ts'
import { pause } from './lifecycle.ts'

/**
 * Every place where a test can make a process die, hang or fail: before and after each step whose order carries a guarantee.
 * `fail` at a point named `after` is a failure whose effect has happened.
 */
export const POINTS = [
  'transaction.begin',
  'transaction.commit.before',
  'transaction.commit.after',
  'inbox.claim.before',
  'inbox.claim.after',
  'handler.state.after',
  'outbox.insert.after',
  'relay.read.before',
  'relay.read.after',
  'relay.produce.before',
  'relay.produce.after',
  'relay.mark.before',
  'relay.mark.after',
  'offsets.commit.before',
  'offsets.commit.after',
  'charge.call.before',
  'charge.call.after',
  'ingest.positions.after',
  'ingest.fetched.after',
  'ingest.decoded.after',
  'ingest.dead.before',
  'ingest.dead.after',
  'ingest.orders.before',
  'ingest.orders.after',
  'ingest.events.before',
  'ingest.events.after',
  'ingest.position.before',
  'ingest.position.after',
  'ingest.told.before',
  'ingest.told.after',
  'schedule.fire.before',
  'schedule.fire.after',
  'execution.claim.before',
  'execution.claim.after',
  'execution.launch.before',
  'execution.launch.after',
  'execution.take.before',
  'execution.take.after',
  'execution.beat.before',
  'execution.beat.after',
  'execution.end.before',
  'execution.end.after',
  'execution.settle.before',
  'changes.take.after',
] as const
export type Point = (typeof POINTS)[number]

export const ACTIONS = ['kill', 'hang', 'fail'] as const
export type Action = (typeof ACTIONS)[number]

export interface Failpoints {
  /**
   * Passes a point. If it is armed and its turn has come: kills this process, hangs, or throws.
   * @throws Unavailable `FAILPOINT`, as infrastructure that went away would
   */
  at(point: Point): Promise<void>
}

interface Armed {
  readonly action: Action
  /** At which passing it fires, from 1. */
  readonly nth: number
  /** Of a hang, milliseconds; 0 for ever. */
  readonly forMs: number
}

/**
 * Undefined unless `ESHOP_FAILPOINT` arms some, and always with `NODE_ENV=production`: a point then costs the test of a constant.
 *
 *     ESHOP_FAILPOINT=relay.mark.before:kill        this process dies before it marks what it has sent
 *     ESHOP_FAILPOINT=charge.call.after:hang:3:8000 the third answered charge hangs for 8 s
 *     ESHOP_FAILPOINT=@/tmp/points                  armed while it runs by a file `<part>.<point>` with `action[:nth[:ms]]`, which fires once
 */
export const failpoints: Failpoints | undefined = failpointsOf(process.env, process.argv[1])

/** @throws UsageError `FAILPOINT` for what names no point or action */
export function failpointsOf(environment: NodeJS.ProcessEnv, program = ''): Failpoints | undefined {
  const given = environment.ESHOP_FAILPOINT
  if (!given || environment.NODE_ENV === 'production') return undefined
  if (given.startsWith('@')) return inFolder(given.slice(1), basename(dirname(program)))
  const [point = '', ...rest] = given.split(':')
  if (!(POINTS as readonly string[]).includes(point))
    throw new UsageError('FAILPOINT', `ESHOP_FAILPOINT: there is no point "${point}"; there are ${POINTS.join(', ')}`)
  const armed = armedBy(rest)
  let passed = 0
  return {
    async at(passing) {
      if (passing !== point) return
      passed += 1
      if (passed === armed.nth) await fire(passing, armed)
    },
  }
}

/** Points that are armed while the process runs. A file is removed before it fires, so that whoever comes after a kill passes. */
function inFolder(folder: string, part: string): Failpoints {
  const passed = new Map<string, number>()
  return {
    async at(point) {
      const file = join(folder, `${part}.${point}`)
      const since = statSync(file, { throwIfNoEntry: false })?.mtimeMs
      if (since === undefined) return
      const count = (passed.get(`${file} ${since}`) ?? 0) + 1
      passed.set(`${file} ${since}`, count)
      const armed = readArmed(file)
      if (!armed || count < armed.nth || !remove(file)) return
      await fire(point, armed)
    },
  }
}

function readArmed(file: string): Armed | undefined {
  try {
    return armedBy(readFileSync(file, 'utf8').trim().split(':'))
  } catch (error) {
    if (error instanceof UsageError) throw error
    return undefined // somebody else was faster
  }
}

function remove(file: string): boolean {
  try {
    unlinkSync(file)
    return true
  } catch {
    return false
  }
}

function armedBy([action = '', nth = '1', forMs = '0']: readonly string[]): Armed {
  const known = ACTIONS.find((one) => one === action)
  if (!known || !(Number(nth) >= 1) || !(Number(forMs) >= 0))
    throw new UsageError('FAILPOINT', `a failpoint wants ACTION[:NTH[:MS]], ACTION one of ${ACTIONS.join(', ')}`)
  return { action: known, nth: Number(nth), forMs: Number(forMs) }
}

const FOREVER_MS = 2 ** 31 - 1

async function fire(point: Point, { action, forMs }: Armed): Promise<void> {
  switch (action) {
    case 'kill':
      process.kill(process.pid, 'SIGKILL')
      return await pause(FOREVER_MS) // nothing more happens, even if the signal takes a moment
    case 'hang':
      return await pause(forMs || FOREVER_MS)
    case 'fail':
      throw new Unavailable('FAILPOINT', `told to fail at ${point}`)
  }
}
