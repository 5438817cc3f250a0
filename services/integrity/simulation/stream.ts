import { consumedTopics } from '#pipelines/flow/bindings.ts'
import type { Part } from '#pipelines/flow/map.ts'
import { Unavailable } from '#pipelines/kernel/errors.ts'
import { silentLog } from '#pipelines/kernel/log.ts'
import { createOutbox } from '#pipelines/outbox/outbox.ts'
import { createSending } from '#pipelines/outbox/sending.ts'
import { SLOTS } from '#pipelines/outbox/slots.ts'
import type { Outbox } from '#pipelines/outbox/types.ts'
import { markSent, readUnsent } from '#pipelines/outbox/unsent.ts'
import { memoryBinder } from '#pipelines/stream/binders/memory/binder.ts'
import { type MemoryBroker, memoryBroker } from '#pipelines/stream/binders/memory/broker.ts'
import type { IncomingRecord } from '#pipelines/stream/binders/types.ts'
import { recordHandling } from '#pipelines/stream/consumer/handling.ts'
import { bury } from '#pipelines/stream/dead-letters/bury.ts'
import { sendThrough } from '#pipelines/stream/partitioner.ts'
import { topicSpecs } from '#pipelines/stream/topics.ts'
import type { Handlers } from '#pipelines/stream/types.ts'
import type { Lane } from './lane.ts'
import type { PartName } from './scenario.ts'

/** The stream of one part, a step at a time: the real handling, inbox, outbox and relay, with somebody else's hand on the clock. */
export interface Stream<P extends Part> {
  readonly part: P
  readonly outbox: Outbox<P>
  /** Keys of topics with something to handle. */
  pending(): readonly Pending[]
  /** One try of the next record of a topic's key. Tells what came of it. */
  handle(next: Pending): Promise<string>
  /** Nobody handles it, ever. */
  lose(next: Pending): void
  /** The broker remembers how far it has come. */
  commit(): void
  /** It begins again where the broker remembers. */
  crash(): void
  /** The next handler fails after all its work. */
  failNext(): void
  /** Reads what is unsent, sends it, marks it; or stops in between. Tells how much. */
  relay(dies?: 'unmarked' | 'unanswered'): Promise<number>
}

export interface Pending {
  readonly place: string
  readonly record: IncomingRecord
}

const MOST_ATTEMPTS = 5
const ALL_SLOTS = Array.from({ length: SLOTS }, (_, slot) => slot)

export function openBroker(): MemoryBroker {
  const broker = memoryBroker()
  for (const spec of topicSpecs()) broker.createTopic(spec)
  return broker
}

export function openStream<P extends PartName>(
  part: P,
  lane: Lane,
  broker: MemoryBroker,
  handlers: Handlers<P>,
): Stream<P> {
  const database = lane.databases[part]
  const outbox = createOutbox(part as P, lane.codec)
  const send = sendThrough(memoryBinder(broker))
  const done = new Map<string, number>()
  const attempts = new Map<string, number>()
  let committed = new Map<string, number>()
  let failing = false
  const handling = recordHandling(part as P, {
    handlers: guarded(handlers, () => {
      if (!failing) return
      failing = false
      throw new Unavailable('SIMULATED', 'it fails after all its work')
    }),
    database,
    codec: lane.codec,
    binder: memoryBinder(broker),
    outbox,
    log: silentLog,
  })

  /** Records by topic and key: keys run against each other, a key in a topic keeps its order. */
  function pending(): Pending[] {
    const next = new Map<string, Pending>()
    const passed = new Map<string, number>()
    for (const topic of consumedTopics(part))
      for (const record of broker.recordsOf(topic)) {
        const place = `${topic} ${record.key}`
        const count = passed.get(place) ?? 0
        passed.set(place, count + 1)
        if (count === (done.get(place) ?? 0)) next.set(place, { place, record })
      }
    return [...next.values()]
  }

  function finish({ place, record }: Pending) {
    done.set(place, (done.get(place) ?? 0) + 1)
    attempts.delete(placeOf(record))
  }

  return {
    part,
    outbox,
    pending,
    async handle(next) {
      const { record } = next
      const count = (attempts.get(placeOf(record)) ?? 0) + 1
      const { verdict, event } = await handling({ record, attempt: count, isCounted: false })
      const name = `${part} handles ${event?.type ?? 'a record'}`
      if (verdict.kind === 'finished') {
        finish(next)
        return `${name}: ${verdict.as}`
      }
      if (verdict.kind === 'outage' || verdict.kind === 'later') return `${name}: ${verdict.kind}`
      attempts.set(placeOf(record), count)
      if (verdict.kind !== 'hopeless' && count < MOST_ATTEMPTS) return `${name}: ${verdict.reason.reason}, again`
      await bury(database, { consumer: part, record, reason: verdict.reason, attempts: count, event })
      finish(next)
      return `${name}: dead letter, ${verdict.reason.reason}`
    },
    lose: finish,
    commit() {
      committed = new Map(done)
    },
    crash() {
      done.clear()
      for (const [place, count] of committed) done.set(place, count)
    },
    failNext() {
      failing = true
    },
    async relay(dies) {
      const connection = lane.relays[part]
      const rows = await readUnsent(connection, ALL_SLOTS, 128)
      const sending = createSending({
        now: () => performance.now(),
        onFailure: () => {},
        async send(records) {
          await send(records)
          if (dies === 'unanswered') throw new Unavailable('SIMULATED', 'the answer is lost')
        },
      })
      const sent = await sending.sendAll(rows, () => true)
      if (dies !== 'unmarked' && sent.length > 0) await markSent(connection, sent)
      return sent.length
    },
  }
}

function placeOf({ topic, partition, offset }: IncomingRecord): string {
  return `${topic}/${partition}/${offset}`
}

/** Every handler, with something that may throw when its work is done. */
function guarded<P extends Part>(handlers: Handlers<P>, check: () => void): Handlers<P> {
  type Any = (event: unknown, context: unknown) => Promise<unknown>
  const byTopic = Object.entries(handlers as Record<string, Record<string, Any>>).map(([topic, byType]) => [
    topic,
    Object.fromEntries(
      Object.entries(byType).map(([type, handler]): [string, Any] => [
        type,
        async (event, context) => {
          const outcome = await handler(event, context)
          check()
          return outcome
        },
      ]),
    ),
  ])
  return Object.fromEntries(byTopic) as Handlers<P>
}
