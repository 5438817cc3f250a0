import Type from 'typebox'
import { defineTask } from '#pipelines/tasks/task.ts'

export const task = defineTask({
  name: 'count-to',
  description: 'counts, as an example',
  arguments: Type.Object({ end: Type.Integer({ minimum: 1, default: 3 }) }),
  policy: {
    singleInstance: 'skip', // a second run meanwhile is SKIPPED; or 'fail', or 'queue'
    timeLimitMs: 60_000, // then TIMED_OUT, whether it listens or not
    attempts: 3, // when it FAILED, was TIMED_OUT or LOST
    backoffMs: 1_000, // doubles up to maxBackoffMs
    retention: { ageMs: 7 * 24 * 3_600_000, count: 1_000 },
  },
  async run({ arguments: { end }, checkpoint, lease, log, progress, signal }) {
    let counted = (checkpoint.value as number | undefined) ?? 0 // from where the attempt before got to
    while (counted < end && !signal.aborted) {
      lease.check() // throws if this run is taken for lost: another may be under way
      counted += 1
      progress(counted, end)
      await checkpoint.save(counted)
    }
    log.info({ counted }, 'counted')
    return { counted } // recorded as the result
  },
})
