import type { Routes } from '#pipelines/http/types.ts'
import type { Database } from '#pipelines/kernel/database.ts'
import type { Catalog } from '../catalog.ts'
import { auditRoutes } from './audit.ts'
import { executionRoutes } from './executions.ts'
import { outputRoutes } from './output.ts'
import { scheduleRoutes } from './schedules.ts'
import { taskListRoutes } from './tasks.ts'

/** The tasks' REST interface. */
export function taskRoutes({
  database,
  catalog,
}: {
  readonly database: Database
  readonly catalog: Catalog
}): readonly Routes[] {
  return [
    taskListRoutes(database, catalog),
    executionRoutes(database, catalog),
    outputRoutes(database),
    scheduleRoutes(database, catalog),
    auditRoutes(database),
  ]
}
