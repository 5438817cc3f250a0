import type { Sql } from '#pipelines/kernel/database.ts'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import type { ExecutionStatus, Progress } from './execution.ts'
import { type OutputPiece, readOutput } from './output.ts'

export type FollowEvent =
  | ({ readonly type: 'output' } & OutputPiece)
  | { readonly type: 'status'; readonly status: ExecutionStatus; readonly progress: Progress | null }
  | {
      readonly type: 'end'
      readonly status: ExecutionStatus
      readonly exitCode: number | null
      readonly message: string | null
    }

const OPEN = new Set<ExecutionStatus>(['QUEUED', 'RUNNING'])

/** What a run writes and how it goes, from the given piece on until it ends or the signal aborts. */
export async function* followExecution(
  sql: Sql,
  executionId: string,
  { after = 0, signal, everyMs = 400 }: { after?: number; signal: AbortSignal; everyMs?: number },
): AsyncGenerator<FollowEvent> {
  let seq = after
  let shown = ''
  while (!signal.aborted) {
    // 1. The status, 2. the output: what a run wrote before its end is there once its end is.
    const [row] = await sql.query<{
      status: ExecutionStatus
      exitCode: number | null
      message: string | null
      progress: Progress | null
    }>('select status, exit_code as "exitCode", message, progress from executions where execution_id = $1', [
      executionId,
    ])
    if (!row) return
    const { status, exitCode, message, progress } = row
    for (const piece of await readOutput(sql, executionId, seq)) {
      yield { type: 'output', ...piece }
      seq = piece.seq
    }
    if (!OPEN.has(status)) return yield { type: 'end', status, exitCode, message }
    const now = JSON.stringify([status, progress])
    if (now !== shown) yield { type: 'status', status, progress }
    shown = now
    await pause(everyMs, signal)
  }
}
