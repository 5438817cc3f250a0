import { isNotNullViolation, type Tx } from '#pipelines/kernel/database.ts'
import { CodedError } from '#pipelines/kernel/errors.ts'
import { reveal } from '#schemas/codec/sensitive.ts'
import type { NewOrder, Order, Step } from '../domain/order.ts'
import { epochMs, ITEMS_COLUMN, ORDER_COLUMNS, STEPS_COLUMN, timestampOf } from './columns.ts'

export interface Locked {
  /** Nothing if there is no such order. */
  readonly order: Order | undefined
  /** The database's time, epoch milliseconds. */
  readonly now: number
}

/** Locks an order until the transaction ends, and reads it and the time. Take this lock before anything is written to the outbox. */
export async function lockOrder(tx: Tx, orderId: string): Promise<Locked> {
  const [row] = await tx.query<Order & { now: number }>(
    `select ${epochMs('clock_timestamp()')} as now, locked.*
     from (select 1) as one left join lateral (
       select ${ORDER_COLUMNS}, o.payment_token as "paymentToken", ${ITEMS_COLUMN}
       from orders o where o.order_id = $1 for update of o
     ) as locked on true`,
    [orderId],
  )
  if (!row) throw new CodedError('ORDER_UNREADABLE', 'the database answered without a row')
  const { now, ...order } = row
  return { order: order.orderId === null ? undefined : order, now }
}

export interface Insertion {
  readonly order: NewOrder
  readonly steps: readonly Step[]
  /** The database's time, epoch milliseconds. */
  readonly now: number
  readonly correlationId?: string | undefined
}

/**
 * Stores an order with its items and first steps, in one statement. The new row is locked by being inserted.
 * Answers false, and stores nothing, if the order is there already (a concurrent checkout is waited for).
 */
export async function insertOrder(tx: Tx, { order, steps, now, correlationId }: Insertion): Promise<boolean> {
  const inserted = await tx.query(
    `with new_order as (
       insert into orders (
         order_id, customer_id, basket_id, basket_version, channel, country, currency, total_minor, subtotal_minor, discount_minor,
         shipping_minor, tax_minor, item_count, unit_count, address, payment_token, placed_at, submitted_at, grace_ends_at, status,
         status_changed_at, version, correlation_id)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15::jsonb, $16, ${timestampOf('$17')},
         ${timestampOf('$18')}, ${timestampOf('$19')}, $20, ${timestampOf('$18')}, $21, $24)
       on conflict (order_id) do nothing
       returning order_id
     ), new_items as (
       insert into order_items (
         order_id, position, line_no, product_id, sku, name, brand, category, unit_price_minor, price_version, quantity)
       select order_id, item.position, "lineNo", "productId", sku, name, brand, category, "unitPriceMinor", "priceVersion", quantity
       from new_order, rows from (jsonb_to_recordset($22::jsonb) as ("lineNo" int, "productId" uuid, sku text, name text,
         brand text, category text, "unitPriceMinor" bigint, "priceVersion" int, quantity int)) with ordinality
         as item ("lineNo", "productId", sku, name, brand, category, "unitPriceMinor", "priceVersion", quantity, position)
     ), new_steps as (
       insert into order_steps (order_id, version, type, occurred_at, facts)
       select order_id, version, type, ${timestampOf('"occurredAt"')}, facts
       from new_order, jsonb_to_recordset($23::jsonb) as (version int, type text, "occurredAt" bigint, facts jsonb)
     )
     select order_id from new_order`,
    [
      order.orderId,
      order.customerId,
      order.basketId,
      order.basketVersion,
      order.channel,
      order.country,
      order.currency,
      order.totalMinor,
      order.subtotalMinor,
      order.discountMinor,
      order.shippingMinor,
      order.taxMinor,
      order.items.length,
      order.items.reduce((sum, { quantity }) => sum + quantity, 0),
      JSON.stringify(order.address),
      order.paymentToken && reveal(order.paymentToken),
      order.placedAt,
      now,
      order.graceEndsAt,
      order.status,
      order.version,
      JSON.stringify(order.items),
      JSON.stringify(steps.map(recorded)),
      correlationId ?? null,
    ],
  )
  return inserted.length === 1
}

/**
 * Records a step of a locked order and how the order stands after it, in one statement. It fails, and with it the transaction, if the
 * order is not as it was locked: then `moved` is empty, and a step without an order is refused. So nobody need wait for its answer.
 * @throws CodedError `ORDER_MOVED`: a fault in the calling code
 */
export async function recordStep(tx: Tx, order: Order, step: Step): Promise<void> {
  const { version, type, occurredAt, facts } = recorded(step)
  const recording = tx.query(
    `with moved as (
       update orders set status = $2, version = $3, payment_token = $4, status_changed_at = ${timestampOf('$5')}
       where order_id = $1 and version = $3 - 1
       returning order_id
     )
     insert into order_steps (order_id, version, type, occurred_at, facts)
     values ((select order_id from moved), $3, $6, ${timestampOf('$5')}, $7::jsonb)`,
    [
      order.orderId,
      order.status,
      version,
      order.paymentToken && reveal(order.paymentToken),
      occurredAt,
      type,
      JSON.stringify(facts),
    ],
  )
  await recording.catch((cause) => {
    if (!isNotNullViolation(cause)) throw cause
    const facts = { orderId: order.orderId, version }
    throw new CodedError('ORDER_MOVED', 'the order changed although it was locked', { facts, cause })
  })
}

/** All steps of an order, oldest first. */
export async function stepsOf(tx: Tx, orderId: string): Promise<readonly Step[]> {
  const [row] = await tx.query<{ steps: Step[] | null }>(`select ${STEPS_COLUMN} from orders o where o.order_id = $1`, [
    orderId,
  ])
  return row?.steps ?? []
}

function recorded({ version, type, occurredAt, ...facts }: Step) {
  return { version, type, occurredAt, facts }
}
