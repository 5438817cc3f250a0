import type { Sql } from '#pipelines/kernel/database.ts'

export interface Situation {
  /** Reservations that are neither sold nor given back. */
  readonly held: number
  readonly oldestSeconds: number
  /** Products for sale without an available unit. */
  readonly soldOut: number
}

export async function readSituation(sql: Sql): Promise<Situation> {
  const [row] = await sql.query<{ held: number; oldest_s: number; sold_out: number }>(
    `select count(*)::int as held, coalesce(extract(epoch from now() - min(created_at)), 0)::float8 as oldest_s,
       (select count(*)::int from stock join products on products.id = stock.product_id
        where stock.available = 0 and products.discontinued_at is null) as sold_out
     from reservations where status = 'RESERVED'`,
  )
  return { held: row?.held ?? 0, oldestSeconds: row?.oldest_s ?? 0, soldOut: row?.sold_out ?? 0 }
}
