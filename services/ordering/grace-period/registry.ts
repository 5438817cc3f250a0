import type { Registry } from '#pipelines/tasks/task.ts'

/** For `eshop task run` and whatever else starts tasks by name. */
export const gracePeriodTasks: Registry = { 'grace-period': () => import('./task.ts') }
