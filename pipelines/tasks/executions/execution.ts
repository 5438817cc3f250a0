export type ExecutionStatus =
  | 'QUEUED'
  | 'RUNNING'
  | 'SUCCEEDED'
  | 'FAILED'
  | 'CANCELLED'
  | 'TIMED_OUT'
  | 'LOST'
  | 'SKIPPED'

export type Trigger = 'SCHEDULE' | 'MESSAGE' | 'MANUAL' | 'PARENT'
export const TRIGGERS: readonly Trigger[] = ['SCHEDULE', 'MESSAGE', 'MANUAL', 'PARENT']

/** How a run ended. */
export interface Ending {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'CANCELLED' | 'TIMED_OUT' | 'SKIPPED'
  /** What the process exits with. */
  readonly exitCode: number
  readonly message: string | null
  readonly error: string | null
  readonly result: unknown
}

/** The record of a run. Times are ISO 8601. */
export interface Execution {
  readonly executionId: string
  readonly taskName: string
  readonly status: ExecutionStatus
  readonly trigger: Trigger
  readonly attempt: number
  readonly parentId: string | null
  readonly arguments: unknown
  readonly result: unknown
  readonly exitCode: number | null
  readonly message: string | null
  readonly error: string | null
  readonly requestedAt: string
  readonly startedAt: string | null
  readonly endedAt: string | null
  readonly heartbeatAt: string | null
  readonly host: string | null
  readonly pid: number | null
}
