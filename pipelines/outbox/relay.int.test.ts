import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '#pipelines/kernel/ids.ts'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { silentLog } from '#pipelines/kernel/log.ts'
import { type TestDatabase, testDatabase } from '#pipelines/testing/database.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import type { EventInput } from '#schemas/generated/events.ts'
import { createOutbox, outboxMigrations } from './outbox.ts'
import { createRelay, type RelayOptions } from './relay.ts'
import { SLOTS, slotOf } from './slots.ts'
import { type FakeBroker, fakeBroker } from './testing/fake-broker.ts'
import type { Relay } from './types.ts'

let database: TestDatabase
let broker: FakeBroker
let relays: Relay[]

beforeEach(async () => {
  database = await testDatabase({ migrations: outboxMigrations, maxConnections: 20 })
  broker = fakeBroker()
  relays = []
})
afterEach(async () => {
  await Promise.all(relays.map((relay) => relay.close()))
  await database.close()
})

function relay(options: Partial<RelayOptions> = {}): Relay {
  const made = createRelay({
    database,
    send: broker.send,
    log: silentLog,
    idlePollMs: 20,
    balanceEveryMs: 50,
    ...options,
  })
  relays.push(made)
  made.start()
  return made
}

/** Payloads are the events as JSON, so that a test can read them. */
const outbox = createOutbox('ordering', { encode: (event: EventInput) => Buffer.from(JSON.stringify(event)) })

const started = (orderId: string, version: number) =>
  ({
    type: 'OrderStarted',
    orderId,
    version,
    customerId: 'alice',
    placedAt: 0,
    basketId: newId(),
    basketVersion: 1,
  }) as const
const shipped = (orderId: string, version: number) =>
  ({
    type: 'OrderStatusChangedToShipped',
    orderId,
    version,
    customerId: 'alice',
    placedAt: 0,
    totalMinor: 1,
    currency: 'EUR',
  }) as const

const publish = (...drafts: (ReturnType<typeof started> | ReturnType<typeof shipped>)[]) =>
  database.transaction((tx) => outbox.publish(tx, drafts))
const versions = (key: string) =>
  broker.records.filter((record) => record.key === key).map(({ value }) => JSON.parse(String(value)).version as number)
const unsent = async () => (await database.query('select id from outbox where sent_at is null')).length

/** A key whose slot is not one of these keys'. */
function keyElsewhere(...others: string[]): string {
  for (;;) {
    const key = newId()
    if (!others.some((other) => slotOf(other) === slotOf(key))) return key
  }
}

describe('the relay', () => {
  it('sends what was committed, with its headers, and nothing that was rolled back', async () => {
    const key = newId()
    await database
      .transaction(async (tx) => {
        await outbox.publish(tx, [started(newId(), 1)])
        throw new RangeError('rolled back')
      })
      .catch(() => {})
    await database.transaction((tx) =>
      outbox.publish(tx, [started(key, 1)], {
        correlationId: 'story',
        causationId: 'cause',
        traceparent: '00-aa-bb-01',
      }),
    )
    relay()
    await eventually(async () => (await unsent()) === 0)
    expect(broker.records.length).toBe(1)
    const [record] = broker.records
    const event = JSON.parse(String(record?.value))
    expect(record).toMatchObject({ topic: 'orders', key })
    expect(record?.headers).toEqual({
      ce_id: event.eventId,
      ce_type: 'OrderStarted',
      ce_source: 'ordering',
      ce_specversion: '1.0',
      'content-type': 'application/avro',
      ce_correlationid: 'story',
      ce_causationid: 'cause',
      traceparent: '00-aa-bb-01',
    })
  })

  it('sends an event whose transaction commits after later ids were sent', async () => {
    const [slow, quick] = [newId(), newId()]
    const release = Promise.withResolvers<void>()
    const inserted = Promise.withResolvers<void>()
    const late = database.transaction(async (tx) => {
      await outbox.publish(tx, [started(slow, 1)])
      inserted.resolve()
      await release.promise
    })
    await inserted.promise
    await publish(started(quick, 1))
    relay()
    await eventually(() => versions(quick).length === 1)
    release.resolve()
    await late
    await eventually(() => versions(slow).length === 1)
  })

  it('keeps a key in order over its topics, in waves', async () => {
    const key = newId()
    await publish(started(key, 1), shipped(key, 2), shipped(key, 3), started(key, 4))
    relay()
    await eventually(() => versions(key).length === 4)
    expect(versions(key)).toEqual([1, 2, 3, 4])
    expect(broker.sends()).toBe(3)
  })

  it('marks nothing before the broker has answered', async () => {
    const answer = Promise.withResolvers<void>()
    broker.until = answer.promise
    await publish(started(newId(), 1))
    relay()
    await eventually(() => broker.records.length === 1)
    await pause(100)
    expect(await unsent()).toBe(1)
    answer.resolve()
    await eventually(async () => (await unsent()) === 0)
  })

  it('after a failed send holds back that slot alone, and later sends it in order', async () => {
    const refused = newId()
    const other = keyElsewhere(refused)
    broker.refuses = ({ key, value }) => key === refused && JSON.parse(String(value)).version === 2
    await publish(
      ...[1, 2, 3, 4].flatMap((version) => [
        version === 3 ? shipped(refused, version) : started(refused, version),
        started(other, version),
      ]),
    )
    const subject = relay()
    await eventually(() => versions(other).length === 4)
    await pause(300)
    expect(versions(refused)).not.toContain(3)
    expect(subject.status().blockedBy).toBe('PRODUCE_REFUSED')
    broker.refuses = () => false
    await eventually(async () => (await unsent()) === 0)
    expect(versions(refused)).toEqual([1, 2, 3, 4])
    expect(versions(other)).toEqual([1, 2, 3, 4])
    expect(subject.status().blockedBy).toBeUndefined()
  })

  it('sends again when an answer is lost: repeated, never reordered, never lost', async () => {
    const key = newId()
    broker.losesAnswers = true
    await publish(started(key, 1), shipped(key, 2))
    relay()
    await eventually(() => versions(key).length >= 2)
    broker.losesAnswers = false
    await eventually(async () => (await unsent()) === 0)
    expect(firstOccurrences(versions(key))).toEqual([1, 2])
    expect(versions(key).at(-1)).toBe(2)
  })

  it('waits while the broker is away, and goes on by itself', async () => {
    broker.isAway = true
    const key = newId()
    const subject = relay()
    await publish(started(key, 1))
    await eventually(() => subject.status().blockedBy === 'BROKER_AWAY')
    await publish(started(key, 2))
    broker.isAway = false
    await eventually(() => versions(key).length === 2)
    expect(versions(key)).toEqual([1, 2])
  })

  it('outlives the loss of its database connection', async () => {
    const key = newId()
    const subject = relay()
    await eventually(() => subject.status().slots.length === SLOTS)
    await endRelayConnections()
    await publish(started(key, 1))
    await eventually(() => versions(key).length === 1)
    expect(subject.status().slots.length).toBe(SLOTS)
  })

  it('stops sending what it read as soon as the connection with its locks is lost', async () => {
    const key = newId()
    const answer = Promise.withResolvers<void>()
    broker.until = answer.promise
    await publish(started(key, 1), shipped(key, 2))
    relay()
    await eventually(() => broker.records.length === 1)
    await endRelayConnections()
    await pause(100)
    broker.until = undefined
    answer.resolve()
    await eventually(async () => (await unsent()) === 0)
    // 2 only after it was read anew, under new locks; so 1, whose mark was lost with the connection, stands before it once more.
    expect(versions(key)).toEqual([1, 1, 2])
  })

  it('shares the slots fairly with others, and takes over from one that dies', async () => {
    const [one, two] = [relay(), relay()]
    await eventually(() => one.status().slots.length === SLOTS / 2 && two.status().slots.length === SLOTS / 2)
    expect([...one.status().slots, ...two.status().slots].sort((a, b) => a - b)).toEqual([...Array(SLOTS).keys()])
    const three = relay()
    await eventually(() => [one, two, three].every((each) => each.status().slots.length >= 4))
    await three.close()
    await one.close()
    await eventually(() => two.status().slots.length === SLOTS, { withinMs: 2_000 })
  })

  it('with several instances, writers, failures and deaths: nothing lost, each key in order', async () => {
    const keys = Array.from({ length: 12 }, newId)
    await database.query('create table owners (key uuid primary key, version int not null)')
    for (const key of keys) await database.query('insert into owners values ($1, 0)', [key])
    const options = { rowsPerSlot: 3, lingerMs: 0 }
    relay(options)
    relay(options)
    const flaky = setInterval(() => {
      broker.losesAnswers = Math.random() < 0.3
    }, 7)
    const deaths = setInterval(() => void endRelayConnections(1), 150)
    const writers = Array.from({ length: 8 }, async () => {
      for (let i = 0; i < 40; i++) {
        const key = keys[Math.floor(Math.random() * keys.length)] as string
        await database.transaction(async (tx) => {
          // The row that owns the key is locked before the first insert: that is what makes ids follow commits.
          const [row] = await tx.query<{ version: number }>(
            'update owners set version = version + 1 where key = $1 returning version',
            [key],
          )
          const version = row?.version ?? 0
          await outbox.publish(tx, [version % 3 === 0 ? shipped(key, version) : started(key, version)])
        })
      }
    })
    await Promise.all(writers)
    clearInterval(deaths)
    clearInterval(flaky)
    broker.losesAnswers = false
    await eventually(async () => (await unsent()) === 0, { withinMs: 30_000 })
    const owners = await database.query<{ key: string; version: number }>('select key, version from owners')
    for (const { key, version } of owners) {
      expect(firstOccurrences(versions(key))).toEqual(Array.from({ length: version }, (_, i) => i + 1))
    }
  })

  it('a kick makes it look at once', async () => {
    const subject = relay({ idlePollMs: 60_000 })
    await eventually(() => subject.status().slots.length === SLOTS)
    await pause(50)
    await publish(started(newId(), 1))
    subject.kick()
    await eventually(() => broker.records.length === 1, { withinMs: 2_000 })
  })

  it('sends what is committed before it closes', async () => {
    const subject = relay({ idlePollMs: 60_000 })
    await eventually(() => subject.status().slots.length === SLOTS)
    await pause(50)
    await publish(started(newId(), 1))
    await subject.close()
    expect(broker.records.length).toBe(1)
    expect(await unsent()).toBe(0)
  })

  it('prunes while it has more to send than it gets done', async () => {
    const key = newId()
    await publish(...Array.from({ length: 800 }, (_, i) => started(key, i + 1)))
    relay({ rowsPerSlot: 1, keepSentMs: 0, pruneEveryMs: 10 })
    const seen = await eventually(
      async () => {
        const [row] = await database.query<{ unsent: number; rows: number }>(
          'select count(*) filter (where sent_at is null) as unsent, count(*) as rows from outbox',
        )
        return row && row.rows < 800 && row
      },
      { everyMs: 5 },
    )
    expect(seen.unsent).toBeGreaterThan(0)
  })

  it('shows its backlog and its age', async () => {
    const metrics = new Registry()
    broker.isAway = true
    relay({ metrics })
    await publish(started(newId(), 1), started(newId(), 1))
    await pause(50)
    const current = async (name: string) => (await metrics.getSingleMetric(name)?.get())?.values[0]?.value ?? 0
    expect(await current('outbox_unsent_events')).toBe(2)
    expect(await current('outbox_oldest_event_age_seconds')).toBeGreaterThan(0.04)
    await eventually(async () => (await current('outbox_send_failures_total')) > 0)
    broker.isAway = false
    await eventually(async () => (await current('outbox_sent_events_total')) === 2)
    await eventually(async () => (await current('outbox_unsent_events')) === 0)
    expect(await current('outbox_oldest_event_age_seconds')).toBe(0)
  })
})

describe('publishing', () => {
  it('stamps id and time, and keeps those it is given', async () => {
    const eventId = newId()
    await publish(started(newId(), 1), { ...started(newId(), 1), eventId, occurredAt: 42 } as ReturnType<
      typeof started
    >)
    const rows = await database.query<{ event_id: string; payload: Buffer }>(
      'select event_id, payload from outbox order by id',
    )
    const [fresh, recorded] = rows.map(({ payload }) => JSON.parse(String(payload)))
    expect(fresh.eventId).toBe(rows[0]?.event_id)
    expect(Math.abs(Date.now() - fresh.occurredAt)).toBeLessThan(10_000)
    expect(recorded).toMatchObject({ eventId, occurredAt: 42 })
  })

  it('gives ids in the order of the drafts, more than one statement holds included', async () => {
    const drafts = Array.from({ length: 2_500 }, (_, i) => started(newId(), i + 1))
    await publish(...drafts)
    const rows = await database.query<{ key: string }>('select key from outbox order by id')
    expect(rows.map(({ key }) => key)).toEqual(drafts.map(({ orderId }) => orderId))
  })

  it('refuses an event that the broker would not take, and leaves nothing', async () => {
    await expect(publish({ ...started(newId(), 1), customerId: 'x'.repeat(600_000) } as never)).rejects.toMatchObject({
      code: 'EVENT_TOO_LARGE',
    })
    expect(await unsent()).toBe(0)
  })
})

/** Ends connections that hold relay locks, as a restart of the server does. */
async function endRelayConnections(most = 100): Promise<void> {
  await database.query(
    `select pg_terminate_backend(pid) from (
       select distinct pid from pg_locks
       where locktype = 'advisory' and classid = 7261002 and database = (select oid from pg_database where datname = current_database())
       limit $1
     ) holders`,
    [most],
  )
}

function firstOccurrences(list: readonly number[]): number[] {
  return [...new Set(list)]
}
