/** A timestamptz as ISO 8601 in UTC. */
export function iso(column: string): string {
  return `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
}

/** What a list shows. Without arguments, result and error: they may be large, and a list of them is slow. */
export const SUMMARY = `
  execution_id as "executionId", task_name as "taskName", status, trigger, attempt, schedule_name as "scheduleName",
  exit_code as "exitCode", message, ${iso('requested_at')} as "requestedAt", ${iso('started_at')} as "startedAt",
  ${iso('ended_at')} as "endedAt", progress`

export const WHOLE = `${SUMMARY},
  version, run_id as "runId", parent_id as "parentId", request_id as "requestId", external_id as "externalId",
  requested_by as "requestedBy", ${iso('due_at')} as "dueAt", ${iso('not_before')} as "notBefore", priority, arguments, result, error, note,
  policy, ${iso('heartbeat_at')} as "heartbeatAt", host, pid, ${iso('cancel_requested_at')} as "cancelRequestedAt",
  cancel_requested_by as "cancelRequestedBy", output_bytes as "outputBytes"`
