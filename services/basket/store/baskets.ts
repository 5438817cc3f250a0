import type { Sql, Tx } from '#pipelines/kernel/database.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import type { Basket, Line } from '../basket.ts'

interface BasketRow {
  readonly basket_id: string
  readonly customer_id: string
  readonly version: number
  readonly lines: readonly Line[]
  readonly expires_at: Date
}

/** The open basket of a customer, if there is one that has not expired. */
export async function readBasket(sql: Sql, customerId: string): Promise<Basket | undefined> {
  const [row] = await sql.query<BasketRow>(
    `select * from baskets where customer_id = $1 and status = 'Open' and expires_at > now()`,
    [customerId],
  )
  return row && basketOf(row)
}

/** The same, locked until the transaction ends, and the time by the database's clock. */
export async function lockBasket(
  tx: Tx,
  customerId: string,
): Promise<{ readonly basket: Basket; readonly nowMs: number } | undefined> {
  const [row] = await tx.query<BasketRow & { now_ms: number }>(
    `select *, (extract(epoch from now()) * 1000)::bigint as now_ms from baskets
     where customer_id = $1 and status = 'Open' and expires_at > now() for update`,
    [customerId],
  )
  return row && { basket: basketOf(row), nowMs: row.now_ms }
}

/** The open basket of a customer, locked; made if there is none, emptied if it has expired. */
export async function openBasket(tx: Tx, customerId: string, ttlMs: number): Promise<Basket> {
  const [row] = await tx.query<BasketRow>(
    `insert into baskets as b (basket_id, customer_id, expires_at) values ($1, $2, now() + $3 * interval '1 millisecond')
     on conflict (customer_id) where status = 'Open' do update set
       lines = case when b.expires_at > now() then b.lines else '[]' end,
       version = case when b.expires_at > now() then b.version else b.version + 1 end,
       expires_at = excluded.expires_at
     returning *`,
    [newId(), customerId, ttlMs],
  )
  return basketOf(row as BasketRow)
}

/** Keeps an edit of a locked basket; it lives for `ttlMs` from now. */
export async function saveBasket(tx: Tx, basket: Basket, ttlMs: number): Promise<void> {
  await tx.query(
    `update baskets set version = $2, lines = $3, expires_at = now() + $4 * interval '1 millisecond', updated_at = now()
     where basket_id = $1`,
    [basket.basketId, basket.version, JSON.stringify(basket.lines), ttlMs],
  )
}

/** Keeps what the customer was told of prices, in a basket that is still as it was read: an edit since then has told them itself. */
export async function savePricesTold(sql: Sql, basket: Basket): Promise<void> {
  await sql.query(`update baskets set lines = $3 where basket_id = $1 and version = $2 and status = 'Open'`, [
    basket.basketId,
    basket.version,
    JSON.stringify(basket.lines),
  ])
}

export async function deleteBasket(sql: Sql, customerId: string): Promise<void> {
  await sql.query(`delete from baskets where customer_id = $1 and status = 'Open'`, [customerId])
}

/** Removes open baskets whose time is over, at most `limit` of them. Says how many. */
export async function deleteExpired(sql: Sql, limit: number): Promise<number> {
  const deleted = await sql.query(
    `delete from baskets where basket_id = any(array(
       select basket_id from baskets where status = 'Open' and expires_at <= now() limit $1 for update skip locked
     )) returning 1`,
    [limit],
  )
  return deleted.length
}

function basketOf(row: BasketRow): Basket {
  return {
    basketId: row.basket_id,
    customerId: row.customer_id,
    version: row.version,
    lines: row.lines,
    expiresAtMs: row.expires_at.getTime(),
  }
}
