import { CodedError } from '#pipelines/kernel/errors.ts'
import { isUuid } from '#pipelines/kernel/ids.ts'
import { each } from '../each.ts'
import type { Shop } from '../rest/shop.ts'
import type { CheckoutView, Movement, OrderSummary, OrderView, Page, PaymentView, Product } from '../rest/views.ts'
import type { Material, ProductBook } from './material.ts'
import { chargeRows, orderRows } from './rows.ts'

export interface Run {
  readonly accepted: readonly string[]
  readonly unanswered: ReadonlySet<string>
  /** Whether an order's customer is of this run. */
  readonly isOurs: (customerId: string) => boolean
  readonly startedAt: Date
  /** Products as they were before the run. */
  readonly before: readonly Product[]
}

const AT_ONCE = 8

/** Reads every side of a run anew. */
export async function gather(shop: Shop, run: Run): Promise<Material> {
  const listed = await listOrders(shop, run)
  const ids = [...new Set([...run.accepted, ...listed.map(({ orderId }) => orderId)])].filter(isUuid)
  const orders = await readAll<OrderView>(ids, (id) => shop.order(id))
  const [checkouts, payments] = await Promise.all([
    readAll<CheckoutView>(ids, (id) => shop.accepted(id)),
    readAll<PaymentView>(ids, (id) => shop.payment(id)),
  ])
  const products = await readProducts(shop, run.before, orders)
  const [rows, charges] = await Promise.all([orderRows(shop.sql, ids), chargeRows(shop.sql, ids)])
  return {
    accepted: run.accepted,
    unanswered: run.unanswered,
    checkouts,
    listed,
    orders,
    payments,
    products,
    rows,
    charges,
  }
}

/** Clocks may differ a little between the machine that plays and the one that sells. */
const CLOCK_SLACK_MS = 5_000

async function listOrders(shop: Shop, { isOurs, startedAt }: Run): Promise<OrderSummary[]> {
  const from = encodeURIComponent(new Date(startedAt.getTime() - CLOCK_SLACK_MS).toISOString())
  const listed: OrderSummary[] = []
  for await (const page of pages<OrderSummary>((cursor) => shop.orders(`limit=100&from=${from}${cursor}`)))
    listed.push(...page.filter(({ customerId }) => isOurs(customerId)))
  return listed
}

async function readAll<T>(
  ids: readonly string[],
  read: (id: string) => Promise<{ status: number; body: T }>,
): Promise<Map<string, T>> {
  const found = new Map<string, T>()
  await each(ids, AT_ONCE, async (id) => {
    const { status, body } = await read(id)
    if (status === 200) found.set(id, body)
  })
  return found
}

async function readProducts(
  shop: Shop,
  before: readonly Product[],
  orders: ReadonlyMap<string, OrderView>,
): Promise<ProductBook[]> {
  const known = new Map(before.map((product) => [product.id, product]))
  const touched = new Set([...orders.values()].flatMap(({ items }) => items.map(({ productId }) => productId)))
  const books: ProductBook[] = []
  await each([...touched], AT_ONCE, async (id) => {
    const start = known.get(id) ?? { available: 0, reserved: 0, sold: 0, stockVersion: 0 }
    books.push(await readProduct(shop, id, start))
  })
  return books
}

const STEADY_ATTEMPTS = 5

/** The product and its ledger as of one moment: read again if somebody moved its stock in between. */
async function readProduct(shop: Shop, id: string, before: ProductBook['before']): Promise<ProductBook> {
  for (let attempt = 1; ; attempt++) {
    const movements = await readMovements(shop, id, before.stockVersion)
    const { body: now } = await shop.product(id)
    const newest = movements.at(-1)?.stockVersion ?? before.stockVersion
    if (newest === now.stockVersion || attempt === STEADY_ATTEMPTS) return { id, sku: now.sku, before, now, movements }
  }
}

async function readMovements(shop: Shop, id: string, after: number): Promise<Movement[]> {
  const found: Movement[] = []
  for await (const page of pages<Movement>((cursor) => shop.movements(id, `limit=100${cursor}`))) {
    found.push(...page.filter(({ stockVersion }) => stockVersion > after))
    if (page.some(({ stockVersion }) => stockVersion <= after)) break
  }
  return found.reverse()
}

/** Follows cursors. @throws CodedError `BOOKS_UNREADABLE`: half a list would hide what is wrong in the other half */
async function* pages<T>(ask: (cursor: string) => Promise<{ status: number; body: Page<T> }>) {
  let cursor: string | null = ''
  while (cursor !== null) {
    const { status, body }: { status: number; body: Page<T> } = await ask(
      cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`,
    )
    if (status !== 200)
      throw new CodedError('BOOKS_UNREADABLE', `a list that the books need was answered with ${status}`)
    yield body.items
    cursor = body.nextCursor
  }
}
