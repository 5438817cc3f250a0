import { hostname } from 'node:os'
import type { Sql } from '#pipelines/kernel/database.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import type { Launch } from './execution.ts'
import { TAKEN, type Taken } from './store.ts'

/** Puts a run of this process on record as RUNNING. */
export async function recordStart(sql: Sql, launch: Launch & { heartbeatMs: number }): Promise<Taken> {
  const {
    executionId = newId(),
    taskName,
    trigger,
    requestedBy,
    requestId = null,
    parentId = null,
    externalId = null,
  } = launch
  const values = [executionId, taskName, trigger, requestedBy, requestId, parentId, externalId]
  const [taken] = await sql.query<Taken & Record<string, unknown>>(
    `insert into executions (execution_id, run_id, task_name, status, trigger, requested_by, request_id, parent_id, external_id, arguments,
       requested_at, not_before, started_at, heartbeat_at, heartbeat_ms, host, pid, fence)
     values ($1, $1, $2, 'RUNNING', $3, $4, $5, $6, $7, $8::jsonb, tasks_now(), tasks_now(), tasks_now(), tasks_now(), $9, $10, $11,
       nextval('task_fences'))
     returning ${TAKEN}`,
    [...values, JSON.stringify(launch.arguments), launch.heartbeatMs, hostname(), process.pid],
  )
  return taken as Taken
}
