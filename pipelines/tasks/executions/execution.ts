import type { Policy } from '../policy.ts'

export const STATUSES = [
  'QUEUED',
  'RUNNING',
  'SUCCEEDED',
  'FAILED',
  'CANCELLED',
  'TIMED_OUT',
  'LOST',
  'SKIPPED',
] as const
export type ExecutionStatus = (typeof STATUSES)[number]

export const TRIGGERS = ['SCHEDULE', 'MESSAGE', 'MANUAL', 'PARENT'] as const
export type Trigger = (typeof TRIGGERS)[number]

/** How a run ended. */
export interface Ending {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'CANCELLED' | 'TIMED_OUT' | 'SKIPPED' | 'LOST'
  /** What the process exits with; null if nobody saw it. */
  readonly exitCode: number | null
  readonly message: string | null
  readonly error: string | null
  readonly result: unknown
  /** Whether no further attempt can help. Default false. */
  readonly final?: boolean
}

/** What is asked for. The record begins with it. */
export interface Launch {
  readonly taskName: string
  /** As given: secrets as references. */
  readonly arguments: Readonly<Record<string, unknown>>
  readonly trigger: Trigger
  /** Who asks: an opaque subject or the name of a program. */
  readonly requestedBy: string
  /** Given by the launcher; otherwise made. */
  readonly executionId?: string | undefined
  /** Names the request: asked twice, run once. */
  readonly requestId?: string | undefined
  readonly parentId?: string | undefined
  readonly externalId?: string | undefined
  readonly priority?: number | undefined
  readonly policy?: Policy | undefined
}

export interface Progress {
  readonly done: number
  readonly total?: number
  readonly note?: string
}

/** One line of a list. Times are ISO 8601. */
export interface ExecutionSummary {
  readonly executionId: string
  readonly taskName: string
  readonly status: ExecutionStatus
  readonly trigger: Trigger
  readonly attempt: number
  readonly scheduleName: string | null
  readonly exitCode: number | null
  readonly message: string | null
  readonly requestedAt: string
  readonly startedAt: string | null
  readonly endedAt: string | null
  readonly progress: Progress | null
}

/** The whole record of a run. */
export interface Execution extends ExecutionSummary {
  readonly version: number
  readonly runId: string
  readonly parentId: string | null
  readonly requestId: string | null
  readonly externalId: string | null
  readonly requestedBy: string
  readonly dueAt: string | null
  readonly notBefore: string
  readonly priority: number
  readonly arguments: unknown
  readonly result: unknown
  readonly error: string | null
  readonly note: string | null
  readonly policy: Policy | null
  readonly heartbeatAt: string | null
  readonly host: string | null
  readonly pid: number | null
  readonly cancelRequestedAt: string | null
  readonly cancelRequestedBy: string | null
  /** All it wrote, of which the last 64 KB are kept. */
  readonly outputBytes: number
}
