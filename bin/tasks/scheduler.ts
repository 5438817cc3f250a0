import { join } from 'node:path'
import { runService } from '#pipelines/http/run-service.ts'
import { loadCatalog } from '#pipelines/tasks/catalog.ts'
import { createScheduler } from '#pipelines/tasks/scheduler/app.ts'
import { SchedulerConfig } from '#pipelines/tasks/scheduler/config.ts'
import { shopSchedules, tasks } from './registry.ts'

/** The scheduler of the shop's tasks: fires what is due, starts what waits, and serves REST. Any number of them may run. */
const program = [join(import.meta.dirname, '../task-run/main.ts')]
const catalog = await loadCatalog(tasks)
const schedules = await shopSchedules(process.env)
await runService('tasks', SchedulerConfig, (outside, config, http) =>
  createScheduler(outside, config, http, { catalog, schedules, program, environment: process.env }),
)
