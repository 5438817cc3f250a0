import Type, { type Static } from 'typebox'
import { serviceConfig } from '#pipelines/http/service-config.ts'

export const SchedulerConfig = Type.Object({
  ...serviceConfig,
  port: Type.Integer({ ...serviceConfig.port, default: 7106 }),
  databaseUrl: Type.String({
    minLength: 1,
    description: 'PostgreSQL URL of the tasks database',
    env: 'TASKS_DATABASE_URL',
  }),
  maxRunning: Type.Integer({
    default: 20,
    minimum: 1,
    maximum: 1_000,
    description: 'runs at once over all schedulers; what is beyond waits',
    env: 'TASKS_MAX_RUNNING',
  }),
  niceness: Type.Integer({
    default: 10,
    minimum: 0,
    maximum: 19,
    description: 'how far the processes of tasks give way to others, 0 for not at all',
    env: 'TASKS_NICENESS',
  }),
  drainSeconds: Type.Integer({
    default: 5,
    minimum: 0,
    maximum: 20,
    description: 'seconds that runs have to end when the scheduler is stopped, before they are told to',
    env: 'TASKS_DRAIN_SECONDS',
  }),
})
export type SchedulerConfig = Static<typeof SchedulerConfig>
