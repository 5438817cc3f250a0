import type { Database, Tx } from '#pipelines/kernel/database.ts'
import { failpoints } from '#pipelines/kernel/failpoint.ts'
import type { Claimed } from '../launch/launched-run.ts'

/** Held while claiming: capacity is counted and given out by one scheduler at a time. */
const CLAIM_LOCK = 7_106_002
/** A claim whose process has not begun within this time is given to another. The process of the older one then runs nothing. */
const CLAIM_EXPIRES = `interval '60 seconds'`

export interface Capacity {
  /** Runs at once, over all schedulers and tasks. Those that are LOST do not count. */
  readonly total: number
  /** Runs at once of a task, where it has a limit. */
  readonly perTask: ReadonlyMap<string, number>
  /** Of these there is to be none while another is under way. */
  readonly oneByOne: ReadonlySet<string>
  /** Claimed in one go. Default as many as there is room for. */
  readonly atMost?: number
  /**
   * What the claimant has started of its claims. One that it has not started is claimed anew at once: it never learned of it, as the answer
   * to a commit was lost, or failed before the start. Without them, as of a claimant that is gone, such claims wait until they expire.
   */
  readonly started?: () => Iterable<string>
}

/**
 * Claims what waits and is due, as far as there is room: greater priority first, then older requests. Answers what is claimed: whoever
 * claims it starts it.
 */
export async function claimQueued(
  database: Database,
  claimant: string,
  capacity: Capacity,
): Promise<readonly Claimed[]> {
  return await database.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1)', [CLAIM_LOCK])
    const under = await underWay(tx, ownOf(claimant, capacity))
    const claimed: Claimed[] = []
    const total = capacity.total - [...under.values()].reduce((sum, count) => sum + count, 0)
    let room = Math.min(total, capacity.atMost ?? total)
    while (room > 0) {
      const full = fullTasks(under, capacity)
      if (failpoints) await failpoints.at('execution.claim.before')
      const some = await claimSome(tx, ownOf(claimant, capacity, claimed), full, room)
      if (some.length === 0) break
      if (failpoints) await failpoints.at('execution.claim.after')
      const kept = await giveBackWhatHasNoRoom(tx, some, under, capacity)
      claimed.push(...kept)
      room -= kept.length
      if (kept.length === some.length) break // nothing was passed over that a further look could find
    }
    return claimed
  })
}

/** The claimant, and what it has started or is about to; the first two values of each statement. */
type Own = readonly [claimant: string, started: readonly string[] | null]

const NEVER_STARTED = '(claimed_by = $1 and execution_id <> all($2::uuid[]))'

function ownOf(claimant: string, { started }: Pick<Capacity, 'started'>, claimed: readonly Claimed[] = []): Own {
  return [claimant, started ? [...started(), ...claimed.map(({ executionId }) => executionId)] : null]
}

/** Runs that are under way or being started, by task. */
async function underWay(tx: Tx, own: Own): Promise<Map<string, number>> {
  const rows = await tx.query<{ name: string; count: number }>(
    `select task_name as name, count(*)::int as count from executions
     where status = 'RUNNING'
       or (status = 'QUEUED' and claimed_at > tasks_now() - ${CLAIM_EXPIRES} and not coalesce(${NEVER_STARTED}, false))
     group by task_name`,
    own,
  )
  return new Map(rows.map(({ name, count }) => [name, count]))
}

function limitOf(task: string, { perTask, oneByOne }: Capacity): number {
  return oneByOne.has(task) ? 1 : (perTask.get(task) ?? Number.POSITIVE_INFINITY)
}

function fullTasks(under: ReadonlyMap<string, number>, capacity: Capacity): readonly string[] {
  return [...new Set([...capacity.perTask.keys(), ...capacity.oneByOne])].filter(
    (task) => (under.get(task) ?? 0) >= limitOf(task, capacity),
  )
}

async function claimSome(tx: Tx, own: Own, full: readonly string[], room: number): Promise<readonly Claimed[]> {
  const rows = await tx.query<Claimed & { order: number } & Record<string, unknown>>(
    `with waiting as (
       select execution_id, row_number() over () as place from (select execution_id from executions e
       where status = 'QUEUED' and not_before <= tasks_now() and task_name <> all($3)
         and (claimed_at is null or claimed_at <= tasks_now() - ${CLAIM_EXPIRES} or ${NEVER_STARTED})
         and (serial_key is null or not exists (
           select from executions o where o.serial_key = e.serial_key and o.execution_id <> e.execution_id
             and (o.status = 'RUNNING' or (o.status = 'QUEUED' and (o.claimed_at > tasks_now() - ${CLAIM_EXPIRES}
               or (coalesce(o.due_at, o.requested_at), o.execution_id) < (coalesce(e.due_at, e.requested_at), e.execution_id))))))
       order by priority desc, requested_at, execution_id limit $4) next
     )
     update executions e set claim = claim + 1, claimed_at = tasks_now(), claimed_by = $1
     from waiting where e.execution_id = waiting.execution_id and e.status = 'QUEUED'
     returning e.execution_id as "executionId", task_name as "taskName", claim, arguments,
       (policy->>'timeLimitMs')::float8 as "timeLimitMs", place as "order"`,
    [...own, full, room],
  )
  return rows.sort((a, b) => a.order - b.order).map(({ order: _, ...claimed }) => claimed)
}

/** Of a task with a limit too many may have been claimed at once: those beyond it wait on. */
async function giveBackWhatHasNoRoom(
  tx: Tx,
  some: readonly Claimed[],
  under: Map<string, number>,
  capacity: Capacity,
): Promise<readonly Claimed[]> {
  const kept: Claimed[] = []
  const back: string[] = []
  for (const claimed of some) {
    const count = under.get(claimed.taskName) ?? 0
    if (count >= limitOf(claimed.taskName, capacity)) back.push(claimed.executionId)
    else {
      under.set(claimed.taskName, count + 1)
      kept.push(claimed)
    }
  }
  if (back.length > 0)
    await tx.query('update executions set claimed_at = null, claimed_by = null where execution_id = any($1)', [back])
  return kept
}

/**
 * Milliseconds, by the database's clock, until there is something to do: a schedule is due, or a waiting run may start. Zero or less
 * if there is now; nothing if nothing is in sight.
 */
export async function nextInMs(
  database: Database,
  claimant: string,
  capacity: Pick<Capacity, 'started'>,
): Promise<number | undefined> {
  const [row] = await database.query<{ ms: number | null }>(
    `select (extract(epoch from least(
       (select min(next_due_at) from schedules where paused_at is null),
       (select min(not_before) from executions where status = 'QUEUED'
         and (claimed_at is null or claimed_at <= tasks_now() - ${CLAIM_EXPIRES} or ${NEVER_STARTED}))
     ) - tasks_now()) * 1000)::float8 as ms`,
    ownOf(claimant, capacity),
  )
  return row?.ms ?? undefined
}
