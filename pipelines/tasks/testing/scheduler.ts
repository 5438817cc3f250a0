import { afterAll, beforeAll, expect } from 'vitest'
import type { Database } from '#pipelines/kernel/database.ts'
import { eventually as eventuallyWithin } from '#pipelines/testing/eventually.ts'
import { startTestService, type TestService } from '#pipelines/testing/service.ts'
import { loadCatalog } from '../catalog.ts'
import type { Execution } from '../executions/execution.ts'
import { findExecution } from '../executions/list.ts'
import { createScheduler } from '../scheduler/app.ts'
import { testRegistry } from './registry.ts'

/** Each run is a process: on a machine that is busy with other tests they take their time. */
export const eventually: typeof eventuallyWithin = (question) => eventuallyWithin(question, { withinMs: 60_000 })

export const program = ['pipelines/tasks/testing/claimed.ts']

/** Makes a scheduler of the tasks in `tasks.ts`, which runs two of them at a time. */
export async function schedulerOfTests() {
  const catalog = await loadCatalog(testRegistry)
  return (outside: Parameters<typeof createScheduler>[0], http: Parameters<typeof createScheduler>[2]) => {
    const { url } = outside.database as unknown as { url: string }
    const settings = { databaseUrl: url, maxRunning: 2, niceness: 0, drainSeconds: 1 }
    const environment = {
      ...process.env,
      TASKS_DATABASE_URL: url,
      LOG_LEVEL: 'silent',
      NODE_ENV: 'test',
      THE_KEY: 'xyzzy-4711',
    }
    return createScheduler(outside, settings, http, { catalog, schedules: [], program, environment })
  }
}

/** A scheduler for the tests of a file, and what they ask of it. */
export interface RunningScheduler {
  readonly service: TestService
  db(): Database
  find(executionId: string): Promise<Execution>
  /** The execution once it waits and runs no more. */
  ended(executionId: string): Promise<Execution>
  /** Asks for a run over REST; its id. */
  ask(name: string, body?: object): Promise<string>
}

export function runningScheduler(): RunningScheduler {
  let service: TestService
  beforeAll(async () => {
    service = await startTestService(await schedulerOfTests())
  })
  afterAll(() => service?.close())

  const db = () => service.database
  const find = async (executionId: string) => (await findExecution(db(), executionId)) as Execution
  return {
    get service() {
      return service
    },
    db,
    find,
    ended: (executionId) =>
      eventually(async () => {
        const execution = await find(executionId)
        return ['QUEUED', 'RUNNING'].includes(execution.status) ? undefined : execution
      }),
    async ask(name, body = {}) {
      const { status, body: answer } = await service.call('POST', `/v1/tasks/${name}/executions`, {
        as: 'operator',
        sub: 'olga',
        body,
      })
      expect(status).toBe(202)
      return answer.executionId
    },
  }
}
