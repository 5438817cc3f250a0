import Type from 'typebox'
import { Timestamp, Uuid } from '#pipelines/http/schemas.ts'
import { STATUSES, TRIGGERS } from '../executions/execution.ts'
import { CATCH_UPS, OVERLAPS } from '../schedules/schedule.ts'

/** The shapes of the tasks' REST interface. */

export const nullable = <S extends Type.TSchema>(schema: S) => Type.Union([schema, Type.Null()])
const oneOf = <const V extends readonly string[]>(values: V, description: string) =>
  Type.Unsafe<V[number]>(Type.String({ enum: [...values], description }))

export const Name = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]{0,99}$',
  description: 'Lower-case letters, digits and dashes',
})
export const Status = oneOf(STATUSES, 'How the execution stands. LOST: its heartbeat stopped')
export const Trigger = oneOf(TRIGGERS, 'What started it')
export const Arguments = Type.Record(Type.String(), Type.Unknown(), {
  description:
    'Arguments of the task; a secret one as {"$secret": "NAME"}, the name of an environment variable where tasks run',
  default: {},
})
const Anything = Type.Unknown()

export const Progress = Type.Object({
  done: Type.Number(),
  total: Type.Optional(Type.Number()),
  note: Type.Optional(Type.String()),
})

export const ExecutionSummary = Type.Object({
  executionId: Uuid,
  taskName: Type.String(),
  status: Status,
  trigger: Trigger,
  attempt: Type.Integer({ description: 'Which attempt at the same run, from 1' }),
  scheduleName: nullable(Type.String()),
  exitCode: nullable(Type.Integer()),
  message: nullable(Type.String()),
  requestedAt: Timestamp,
  startedAt: nullable(Timestamp),
  endedAt: nullable(Timestamp),
  progress: nullable(Progress),
})

export const Policy = Type.Object(
  {
    singleInstance: nullable(oneOf(['skip', 'fail', 'queue'] as const, 'What becomes of a second run meanwhile')),
    timeLimitMs: nullable(Type.Integer()),
    attempts: Type.Integer(),
    backoffMs: Type.Integer(),
    maxBackoffMs: Type.Integer(),
    maxParallel: nullable(Type.Integer()),
    retention: Type.Object({ ageMs: Type.Integer(), count: Type.Integer() }),
  },
  { additionalProperties: true },
)

export const Execution = Type.Object({
  ...ExecutionSummary.properties,
  version: Type.Integer({ description: 'Counts the changes of its status' }),
  runId: Type.String({ format: 'uuid', description: 'The same for all attempts of a run' }),
  parentId: nullable(Uuid),
  requestId: nullable(Uuid),
  externalId: nullable(Type.String()),
  requestedBy: Type.String(),
  dueAt: nullable(Timestamp),
  notBefore: Timestamp,
  priority: Type.Integer(),
  arguments: Anything,
  result: Anything,
  error: nullable(Type.String({ description: 'Code, stack and causes' })),
  note: nullable(Type.String({ description: 'What happened beside its end' })),
  policy: nullable(Policy),
  heartbeatAt: nullable(Timestamp),
  host: nullable(Type.String()),
  pid: nullable(Type.Integer()),
  cancelRequestedAt: nullable(Timestamp),
  cancelRequestedBy: nullable(Type.String()),
  outputBytes: Type.Integer({ description: 'All it wrote; the last 64 KB are kept' }),
  attempts: Type.Array(ExecutionSummary, { description: 'All attempts of its run, first to last' }),
  children: Type.Array(ExecutionSummary, { description: 'What it started, newest first, at most 100' }),
})

export const Launched = Type.Object({
  executionId: Uuid,
  created: Type.Boolean({ description: 'False if the same request id was on record before' }),
  links: Type.Object({ execution: Type.String() }),
})

export const Task = Type.Object({
  name: Type.String(),
  description: Type.String(),
  problem: nullable(Type.String({ description: 'Why its module cannot be loaded' })),
  arguments: nullable(Type.Record(Type.String(), Type.Unknown(), { description: 'JSON Schema of its arguments' })),
  policy: nullable(Policy),
  queued: Type.Integer(),
  running: Type.Integer(),
  lastExecution: nullable(ExecutionSummary),
  lastSuccessAt: nullable(Timestamp),
})

const timing = {
  everyMs: Type.Optional(Type.Integer({ minimum: 100, description: 'An interval, milliseconds' })),
  cron: Type.Optional(
    Type.String({
      maxLength: 200,
      description: 'Or a cron expression of 5 fields, or 6 with seconds first',
      examples: ['30 2 * * *'],
    }),
  ),
  timeZone: Type.Optional(
    Type.String({ maxLength: 64, description: 'IANA time zone of the cron expression', examples: ['Europe/Berlin'] }),
  ),
}

export const ScheduleBody = Type.Object({
  taskName: Name,
  arguments: Type.Optional(Arguments),
  ...timing,
  overlap: Type.Optional(oneOf(OVERLAPS, 'What becomes of a due time while a run is not over. Default SKIP')),
  catchUp: Type.Optional(oneOf(CATCH_UPS, 'Which missed due times are made up for. Default LAST')),
  catchUpWindowMs: Type.Optional(Type.Integer({ minimum: 0, description: 'How far back. Default one hour' })),
  jitterMs: Type.Optional(Type.Integer({ minimum: 0, description: 'Runs are put off by up to this. Default 0' })),
})

export const Schedule = Type.Object({
  name: Type.String(),
  taskName: Type.String(),
  arguments: Type.Record(Type.String(), Type.Unknown()),
  ...timing,
  overlap: Type.String({ enum: [...OVERLAPS] }),
  catchUp: Type.String({ enum: [...CATCH_UPS] }),
  catchUpWindowMs: Type.Integer(),
  jitterMs: Type.Integer(),
  paused: Type.Boolean(),
  pausedAt: nullable(Timestamp),
  pausedBy: nullable(Type.String()),
  pauseReason: nullable(Type.String()),
  nextDueAt: nullable(Timestamp),
  lastDueAt: nullable(Timestamp),
  missed: Type.Integer({ description: 'Due times that passed without a run' }),
  version: Type.Integer(),
  updatedAt: Timestamp,
  updatedBy: Type.String(),
})

export const ScheduleDetail = Type.Object({
  ...Schedule.properties,
  next: Type.Array(Timestamp, { description: 'The next five due times' }),
})

export const AuditEntry = Type.Object({
  id: Type.Integer(),
  at: Timestamp,
  actor: Type.String(),
  action: Type.String(),
  subject: Type.String({ description: 'schedule:NAME or execution:ID' }),
  before: Anything,
  after: Anything,
  reason: nullable(Type.String()),
})

export const why = {
  reason: Type.Optional(Type.String({ maxLength: 500, description: 'Why; written down with who and when' })),
}

/** Reading needs support or operator, acting needs operator. */
export const READS = ['support', 'operator'] as const
export const ACTS = ['operator'] as const
