/** Epoch milliseconds of a timestamptz expression, exact: `extract` gives a numeric. */
export function epochMs(expression: string): string {
  return `(extract(epoch from ${expression}) * 1000)::bigint`
}

/** A timestamptz of a parameter in epoch milliseconds. */
export function timestampOf(parameter: string): string {
  return `timestamptz 'epoch' + ${parameter} * interval '1 millisecond'`
}

/** What every reading of an order begins with. */
export const ORDER_COLUMNS = `
  o.order_id as "orderId", o.customer_id as "customerId", o.basket_id as "basketId", o.basket_version as "basketVersion",
  o.channel, o.country, o.currency, o.total_minor as "totalMinor", o.subtotal_minor as "subtotalMinor",
  o.discount_minor as "discountMinor", o.shipping_minor as "shippingMinor", o.tax_minor as "taxMinor",
  ${epochMs('o.placed_at')} as "placedAt", o.status, o.version`

/** The lines of an order `o` as one JSON array, in their order. */
export const ITEMS_COLUMN = `
  (select coalesce(json_agg(json_build_object(
     'lineNo', i.line_no, 'productId', i.product_id, 'sku', i.sku, 'name', i.name, 'brand', i.brand, 'category', i.category,
     'unitPriceMinor', i.unit_price_minor, 'priceVersion', i.price_version, 'quantity', i.quantity) order by i.position), '[]')
   from order_items i where i.order_id = o.order_id) as items`

/** The steps of an order `o` as one JSON array, oldest first. */
export const STEPS_COLUMN = `
  (select json_agg(s.facts || jsonb_build_object(
     'type', s.type, 'version', s.version, 'occurredAt', ${epochMs('s.occurred_at')}) order by s.version)
   from order_steps s where s.order_id = o.order_id) as steps`
