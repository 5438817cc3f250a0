import type { Database } from '#pipelines/kernel/database.ts'

/**
 * Every product whose numbers the books do not explain: the ledger's sum, its last row, the gapless versions, and the reservations
 * that hold units. Empty when all is well.
 */
export function unexplained(database: Database): Promise<{ sku: string; why: string }[]> {
  return database.query(`
    with ledger as (
      select product_id, count(*) as rows, max(stock_version) as last,
        sum(case when reason = 'SOLD' then 0 else delta end) as available,
        sum(case reason when 'RESERVED' then -delta when 'RELEASED' then -delta when 'SOLD' then delta else 0 end) as reserved,
        sum(case when reason = 'SOLD' then -delta else 0 end) as sold
      from stock_movements group by product_id
    ), held as (
      select (line ->> 'productId')::uuid as product_id, sum((line ->> 'quantity')::bigint) as units
      from reservations, jsonb_array_elements(answer -> 'lines') as line where status = 'RESERVED' group by 1
    ), sold as (
      select (line ->> 'productId')::uuid as product_id, sum((line ->> 'quantity')::bigint) as units
      from reservations, jsonb_array_elements(answer -> 'lines') as line where status = 'SOLD' group by 1
    )
    select products.sku, concat_ws(', ',
      case when stock.available <> coalesce(ledger.available, 0) then 'available' end,
      case when stock.reserved <> coalesce(ledger.reserved, 0) then 'reserved' end,
      case when stock.sold <> coalesce(ledger.sold, 0) then 'sold' end,
      case when stock.stock_version <> coalesce(ledger.last, 0) or ledger.rows <> ledger.last then 'versions' end,
      case when stock.reserved <> coalesce(held.units, 0) then 'reservations' end,
      case when stock.sold <> coalesce(sold.units, 0) then 'sales' end) as why
    from products join stock on stock.product_id = products.id
      left join ledger on ledger.product_id = products.id
      left join held on held.product_id = products.id left join sold on sold.product_id = products.id
    where stock.available <> coalesce(ledger.available, 0) or stock.reserved <> coalesce(ledger.reserved, 0)
      or stock.sold <> coalesce(ledger.sold, 0) or stock.stock_version <> coalesce(ledger.last, 0) or ledger.rows <> ledger.last
      or stock.reserved <> coalesce(held.units, 0) or stock.sold <> coalesce(sold.units, 0)`)
}
