import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { PARTITIONS } from '#pipelines/flow/map.ts'
import { type Database, openDatabase } from '#pipelines/kernel/database.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import { type Closable, closer } from '#pipelines/kernel/lifecycle.ts'
import { silentLog } from '#pipelines/kernel/log.ts'
import { migrate } from '#pipelines/kernel/migrations.ts'
import { createOutbox, outboxMigrations } from '#pipelines/outbox/outbox.ts'
import type { Outbox } from '#pipelines/outbox/types.ts'
import { kafkajsBinder } from '#pipelines/stream/binders/kafkajs/binder.ts'
import type { Binder } from '#pipelines/stream/binders/types.ts'
import { prefixedBinder } from '#pipelines/stream/testing/prefixed-binder.ts'
import { sampleCodec } from '#pipelines/stream/testing/sample-codec.ts'
import { sample } from '#pipelines/stream/testing/sample-events.ts'
import type { StackAddresses } from '#pipelines/testing/start-stack.ts'

export const TOPICS = ['orders', 'shipped-orders'] as const

/** A database and topics of one measurement alone. */
export interface Ground extends Closable {
  readonly database: Database
  readonly binder: Binder
  readonly outbox: Outbox<'ordering'>
  /** Commits transactions until so many events stand in the outbox: keys take turns, each with its versions from 1, over two topics. */
  fill(events: number, keys: readonly string[]): Promise<void>
}

export async function layGround({ postgresUrl, kafkaBrokers }: StackAddresses): Promise<Ground> {
  const open = closer()
  const name = `bench_${randomBytes(6).toString('hex')}`
  await onServer(postgresUrl, `create database ${name}`)
  open.add({ close: () => onServer(postgresUrl, `drop database if exists ${name} with (force)`) })
  const database = open.add(openDatabase({ url: new URL(`/${name}`, postgresUrl).href, name: 'bench' }))
  await migrate(database, [outboxMigrations])
  const kafka = kafkajsBinder({ brokers: kafkaBrokers, clientId: 'bench', log: silentLog })
  const binder = open.add(prefixedBinder(kafka, `${name}-`))
  await binder.provision(TOPICS.map((topic) => ({ name: topic, partitions: PARTITIONS })))
  const outbox = createOutbox('ordering', await sampleCodec())

  return {
    database,
    binder,
    outbox,
    async fill(events, keys) {
      const perTransaction = 500
      const versions = new Map<string, number>()
      for (let from = 0; from < events; from += perTransaction) {
        const drafts = Array.from({ length: Math.min(perTransaction, events - from) }, (_, i) => {
          const key = keys[(from + i) % keys.length] as string
          const version = (versions.get(key) ?? 0) + 1
          versions.set(key, version)
          return draftOf(key, version)
        })
        await database.transaction((tx) => outbox.publish(tx, drafts))
      }
      await database.query('analyze outbox')
    },
    close: open.close,
  }
}

/** Every fourth event of a key is in the other topic, so that the order over topics costs what it costs. */
export function draftOf(key: string, version: number) {
  return version % 4 === 0 ? sample.shipped(key, version) : sample.orderStarted(key, version)
}

export function newKeys(count: number): readonly string[] {
  return Array.from({ length: count }, newId)
}

async function onServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
