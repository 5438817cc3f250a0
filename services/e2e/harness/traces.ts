import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import pg from 'pg'
import { CodedError } from '#pipelines/kernel/errors.ts'
import { randomName } from '#pipelines/testing/names.ts'

/** Where a text was found. */
export interface Trace {
  readonly where: string
  readonly text: string
}

/** Something to look for: all its spellings, as text. */
export type Canaries = readonly string[]

function tracesIn(where: string, bytes: Buffer, canaries: Canaries): Trace[] {
  return canaries.filter((text) => bytes.includes(text)).map((text) => ({ where, text }))
}

/** Looks through every file of a folder. */
export async function tracesInLogs(folder: string, canaries: Canaries): Promise<Trace[]> {
  const names = await readdir(folder)
  const found = await Promise.all(
    names.map(async (name) => tracesIn(`log ${name}`, await readFile(join(folder, name)), canaries)),
  )
  return found.flat()
}

const DATABASES = ['basket', 'catalog', 'ordering', 'payment', 'tasks', 'registry']

/** Looks through every row of every table of every database; bytes are looked through as bytes. */
export async function tracesInPostgres(url: string, canaries: Canaries): Promise<{ traces: Trace[]; tables: number }> {
  const traces: Trace[] = []
  let tables = 0
  for (const database of DATABASES) {
    const client = new pg.Client({ connectionString: `${url.replace(/\/[^/]*$/, '')}/${database}` })
    await client.connect()
    try {
      const { rows } = await client.query<{ name: string }>(
        `select format('%I.%I', schemaname, tablename) as name from pg_tables
         where schemaname not in ('pg_catalog', 'information_schema')`,
      )
      for (const { name } of rows) {
        tables += 1
        for (const text of canaries) {
          const hex = Buffer.from(text).toString('hex')
          const { rowCount } = await client.query(
            `select 1 from ${name} as t where position($1 in t::text) > 0 or position($2 in t::text) > 0 limit 1`,
            [text, hex],
          )
          if (rowCount) traces.push({ where: `table ${database}.${name}`, text })
        }
      }
    } finally {
      await client.end()
    }
  }
  return { traces, tables }
}

/** Looks through the raw bytes of every record of every topic: keys, values, headers. */
export async function tracesInKafka(
  brokers: string,
  canaries: Canaries,
): Promise<{ traces: Trace[]; records: number; topics: number }> {
  const kafka = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  const consumer = kafka.consumer({ groupId: randomName('traces') })
  await Promise.all([admin.connect(), consumer.connect()])
  const traces: Trace[] = []
  let records = 0
  try {
    const topics = (await admin.listTopics()).filter((topic) => !topic.startsWith('__'))
    const open = new Map<string, bigint>()
    for (const topic of topics)
      for (const { partition, high, low } of await admin.fetchTopicOffsets(topic))
        if (BigInt(high) > BigInt(low)) open.set(`${topic} ${partition}`, BigInt(high) - 1n)
    await consumer.subscribe({ topics, fromBeginning: true })
    await new Promise<void>((resolve, reject) => {
      if (open.size === 0) resolve()
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error))
      void consumer
        .run({
          eachMessage: async ({ topic, partition, message }) => {
            records += 1
            const headers = Object.entries(message.headers ?? {}).flatMap(([name, value]) => [name, String(value)])
            const bytes = Buffer.concat([
              message.key ?? Buffer.alloc(0),
              Buffer.from('\n'),
              message.value ?? Buffer.alloc(0),
              Buffer.from(`\n${headers.join('\n')}`),
            ])
            traces.push(...tracesIn(`topic ${topic}`, bytes, canaries))
            if (BigInt(message.offset) >= (open.get(`${topic} ${partition}`) ?? -1n))
              open.delete(`${topic} ${partition}`)
            if (open.size === 0) resolve()
          },
        })
        .catch(reject)
    })
    return { traces, records, topics: topics.length }
  } finally {
    await consumer.disconnect()
    await admin.disconnect()
  }
}

/** Looks through every row of every table of our ClickHouse databases. */
export async function tracesInClickHouse(
  url: string,
  canaries: Canaries,
): Promise<{ traces: Trace[]; tables: number }> {
  const ask = async (query: string) => {
    const answer = await fetch(url, { method: 'POST', body: query })
    if (!answer.ok) throw new CodedError('SQL_REFUSED', `ClickHouse: ${await answer.text()}`)
    return Buffer.from(await answer.arrayBuffer())
  }
  const names = (
    await ask(
      `select database || '.' || name from system.tables where database like 'eshop%' and engine not like '%View' format TabSeparatedRaw`,
    )
  )
    .toString()
    .split('\n')
    .filter((name) => name !== '')
  const traces: Trace[] = []
  for (const name of names)
    traces.push(...tracesIn(`ClickHouse ${name}`, await ask(`select * from ${name} format JSONEachRow`), canaries))
  return { traces, tables: names.length }
}
