import type { Outside } from '#pipelines/http/outside.ts'
import type { Publisher } from '#pipelines/http/publisher.ts'
import { SECOND } from '#pipelines/kernel/clock.ts'
import { createOutbox } from '#pipelines/outbox/outbox.ts'
import { createRelay } from '#pipelines/outbox/relay.ts'
import { sendThrough } from '#pipelines/stream/partitioner.ts'

/** The outbox of the tasks database and its relay, which is told when there is something to send and hardly looks otherwise. */
export function tasksPublisher({ database, binder, codec, clock, log, metrics }: Outside): Publisher<'tasks'> {
  const outbox = createOutbox('tasks', codec, { clock })
  const relay = createRelay({ database, send: sendThrough(binder), log, metrics, idlePollMs: 5 * SECOND })
  return {
    publish: (tx, drafts, origin) => outbox.publish(tx, drafts, origin),
    async transaction(work) {
      const result = await database.transaction(work)
      relay.kick()
      return result
    },
    kick: () => relay.kick(),
    relay,
  }
}
