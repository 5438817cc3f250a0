import { DAY, SECOND } from '#pipelines/kernel/clock.ts'
import { openDatabase } from '#pipelines/kernel/database.ts'
import { defineTask, noArguments } from '#pipelines/tasks/task.ts'
import { confirmGracePeriods } from './confirm.ts'
import { readGraceSettings } from './settings.ts'

/** A run takes a second. What it has not done when it is stopped, the next one does. */
const RUN_LIMIT_MS = 60 * SECOND

/** Confirms the grace period of orders whose time is over. Several runs at once share the work, so none is skipped. */
export const task = defineTask({
  name: 'grace-period',
  description: 'confirms orders whose grace period is over',
  arguments: noArguments,
  policy: { timeLimitMs: RUN_LIMIT_MS, retention: { ageMs: 3 * DAY, count: 5_000 } },
  async run({ executionId, log, signal }) {
    const { databaseUrl, registryUrl } = readGraceSettings(process.env)
    const database = openDatabase({ url: databaseUrl, maxConnections: 1, name: 'grace-period', log })
    // Codec and registry are loaded only if there is work: most runs find none.
    const openOutbox = async () => (await import('./publishing.ts')).openGraceOutbox(registryUrl)
    try {
      return await confirmGracePeriods({ database, openOutbox, executionId, signal })
    } finally {
      await database.close()
    }
  },
})
