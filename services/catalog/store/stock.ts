import type { Tx } from '#pipelines/kernel/database.ts'
import type { Reservation, Shelf } from '../domain/reservation.ts'
import type { Movement } from '../product.ts'

interface StockRow {
  product_id: string
  available: number
  reserved: number
  sold: number
  stock_version: number
  discontinued: boolean
}

/**
 * The stock of these products, locked until the transaction ends. Always in the order of ids: two orders that share products would
 * otherwise wait for each other. Unknown products are absent from the answer.
 */
export async function lockStock(tx: Tx, productIds: readonly string[]): Promise<Map<string, Shelf>> {
  if (productIds.length === 0) return new Map()
  const rows = await tx.query<StockRow>(
    `select stock.*, products.discontinued_at is not null as discontinued
     from stock join products on products.id = stock.product_id
     where stock.product_id = any($1::uuid[]) order by stock.product_id for update of stock`,
    [[...new Set(productIds)]],
  )
  return new Map(rows.map((row) => [row.product_id, shelfOf(row)]))
}

function shelfOf(row: StockRow): Shelf {
  const { product_id: productId, available, reserved, sold, stock_version: stockVersion, discontinued } = row
  return { productId, available, reserved, sold, stockVersion, discontinued }
}

const WRITE_MOVEMENTS = `
  moved as (
    select * from jsonb_to_recordset($1) as m ("productId" uuid, "stockVersion" bigint, reason text, delta bigint,
      available bigint, reserved bigint, sold bigint, "orderId" uuid, note text)
  ), last as (
    select distinct on ("productId") * from moved order by "productId", "stockVersion" desc
  ), counted as (
    update stock set available = last.available, reserved = last.reserved, sold = last.sold, stock_version = last."stockVersion"
    from last where stock.product_id = last."productId"
  ), booked as (
    insert into stock_movements (product_id, stock_version, reason, delta, available, reserved, sold, order_id, note, moved_by)
    select "productId", "stockVersion", reason, delta, available, reserved, sold, "orderId", note, $2 from moved
  )`

/** Writes movements of locked stock: the ledger's rows and the numbers after the last of each product, in one statement. */
export async function writeMovements(tx: Tx, movements: readonly Movement[], movedBy: string): Promise<void> {
  if (movements.length === 0) return
  await tx.query(`with ${WRITE_MOVEMENTS} select 1`, [JSON.stringify(movements), movedBy])
}

/** Who stands in the ledger for what orders do. */
const BY_ORDER = 'order'

/** Keeps what became of a locked reservation, with the movements of the stock it locked, in one statement. */
export async function saveReservation(
  tx: Tx,
  { orderId, status, answer }: Reservation,
  movements: readonly Movement[],
): Promise<void> {
  await tx.query(
    `with ${WRITE_MOVEMENTS}
     update reservations set status = $4, answer = $5, answered_at = to_timestamp($6::bigint / 1000.0), updated_at = now()
     where order_id = $3`,
    [
      JSON.stringify(movements),
      BY_ORDER,
      orderId,
      status,
      answer ? JSON.stringify(answer) : null,
      answer?.occurredAt ?? null,
    ],
  )
}
