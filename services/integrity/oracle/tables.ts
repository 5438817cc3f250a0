import pg from 'pg'
import type { Addresses } from './addresses.ts'
import type {
  BasketTables,
  CatalogTables,
  DeadLetterRow,
  OrderingTables,
  OutboxRow,
  PaymentTables,
} from './evidence.ts'
import { ALL, GIVEN, READS, READS_OF_EACH } from './reads.ts'

/** 64-bit numbers as numbers, for these connections alone. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text') =>
    oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
}

export const PARTS = ['basket', 'catalog', 'ordering', 'payment'] as const
export type PartName = (typeof PARTS)[number]

interface PartTables {
  readonly basket: BasketTables
  readonly ordering: OrderingTables
  readonly catalog: CatalogTables
  readonly payment: PaymentTables
}

/** Everything that is read of one part's database. */
export type Read<P extends PartName> = PartTables[P] & {
  readonly outbox: readonly Omit<OutboxRow, 'part'>[]
  readonly deadLetters: readonly Omit<DeadLetterRow, 'part'>[]
}
export type AllRead = { readonly [P in PartName]: Read<P> }

export interface Tables extends PartTables {
  readonly outbox: readonly OutboxRow[]
  readonly deadLetters: readonly DeadLetterRow[]
}

/** Reads the services' tables by SQL of its own, each database in one snapshot. @throws whatever PostgreSQL says while it is away */
export async function readTables({ database }: Addresses): Promise<Tables> {
  const all = await Promise.all(
    PARTS.map(async (part) => {
      const statements = Object.entries(statementsOf(part))
      const read = await snapshot(database(part), async (ask) => {
        const tables: Record<string, unknown> = {}
        for (const [name, text] of statements) tables[name] = await ask(text)
        return tables
      })
      return [part, read] as const
    }),
  )
  return tablesOf(Object.fromEntries(all) as unknown as AllRead)
}

/** What was read of each part, as the evidence has it. */
export function tablesOf(read: AllRead): Tables {
  return {
    ...read,
    outbox: PARTS.flatMap((part) => read[part].outbox.map((row): OutboxRow => ({ ...row, part }))),
    deadLetters: PARTS.flatMap((part) => read[part].deadLetters.map((row): DeadLetterRow => ({ ...row, part }))),
  }
}

/**
 * One statement for everything of a part that concerns the orders in `$1`, the customers in `$2` and the products in `$3`: one row with one
 * column `read`, a JSON object. Its outbox and dead letters are all there are.
 */
export function statementOf(part: PartName): string {
  const tables = Object.entries(statementsOf(part, GIVEN)).map(
    ([name, text]) => `'${name}', (select coalesce(json_agg(one), '[]') from (${text}) one)`,
  )
  return `select json_build_object(${tables.join(', ')}) as read from (select $1::uuid[], $2::text[], $3::uuid[]) given`
}

function statementsOf(part: PartName, rows = ALL): Readonly<Record<string, string>> {
  const own = Object.entries(READS[part]).map(([name, statement]) => [name, statement(rows)])
  return { ...Object.fromEntries(own), ...READS_OF_EACH }
}

type Ask = (text: string) => Promise<unknown[]>

async function snapshot<T>(url: string, read: (ask: Ask) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: 60_000, types })
  client.on('error', () => {}) // the query under way tells
  await client.connect()
  try {
    await client.query('begin isolation level repeatable read read only')
    return await read(async (text) => (await client.query(text)).rows)
  } finally {
    await client.end().catch(() => {})
  }
}
