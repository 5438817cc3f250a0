import { userInfo } from 'node:os'
import pg from 'pg'
import { messageOf } from '#pipelines/kernel/errors.ts'
import type { Check } from '#pipelines/local/checks/machine.ts'
import { postgresUrl } from '#pipelines/local/parts/postgres.ts'
import type { LocalSettings } from '#pipelines/local/settings.ts'
import { bodyOf, operatedShop, SERVICES } from '../shop.ts'
import { endedReservations, type HeldReservation, type OrderStatus } from './reservations.ts'
import { type StuckOrder, stuckChecks } from './stuck.ts'

const LATE_MS = 2 * 60_000
const MOST_SHOWN = 1_000

/** What stands still in the running local shop, and why. Every check says what to do; what cannot be asked is a finding as well. */
export async function shopChecks(settings: LocalSettings): Promise<Check[]> {
  const checks = await Promise.all([
    checkOrders(),
    checkReservations(settings),
    checkPayments(settings),
    checkCheckouts(settings),
    checkDeadLetters(settings),
  ])
  return checks.flat()
}

async function checkOrders(): Promise<Check[]> {
  const name = 'Orders'
  try {
    await using shop = operatedShop()
    const call = { method: 'GET', path: '/v1/orders/stuck?limit=100' } as const
    return stuckChecks(bodyOf(await shop.call<{ items: StuckOrder[] }>('ordering', call)).items)
  } catch (error) {
    return [{ name, ok: false, detail: messageOf(error), fix: 'is ordering up? `eshop status`' }]
  }
}

async function checkReservations(settings: LocalSettings): Promise<Check> {
  const name = 'Reservations'
  const fix =
    'catalog asks ordering again by itself (RESERVATION_RESEND_MS); if it stays, `eshop dlq list --service catalog` has what it could not handle'
  return guarded({ name, fix }, async () => {
    const held = await rows<HeldReservation>(
      settings,
      'catalog',
      `select order_id as "orderId", extract(epoch from now() - created_at)::float8 as "heldSeconds"
       from reservations where status = 'RESERVED' and created_at < now() - $1 * interval '1 millisecond' order by created_at limit $2`,
      [LATE_MS, MOST_SHOWN],
    )
    const orders = await rows<OrderStatus>(
      settings,
      'ordering',
      'select order_id as "orderId", status from orders where order_id = any($1::uuid[])',
      [held.map(({ orderId }) => orderId)],
    )
    return endedReservations(held, orders)
  })
}

async function checkPayments(settings: LocalSettings): Promise<Check[]> {
  const late =
    'extract(epoch from now() - min(since))::float8 as seconds, count(*)::int as found, (array_agg(order_id order by since))[1] as oldest'
  const look = (name: string, condition: string, since: string, what: string, fix: string) =>
    guarded({ name, fix }, async () => {
      const [row] = await rows<{ seconds: number | null; found: number; oldest: string | null }>(
        settings,
        'payment',
        `select ${late} from (select order_id, ${since} as since from payments where ${condition}) p
         where since < now() - $1 * interval '1 millisecond'`,
        [LATE_MS],
      )
      const { found = 0, seconds = 0, oldest } = row ?? {}
      return found === 0 ? undefined : `${found} ${what}, the oldest (order ${oldest}) for ${ago(seconds ?? 0)}`
    })
  return Promise.all([
    look(
      'Payments open',
      'due_at is not null',
      'coalesce(answered_at, created_at)',
      'left CHARGING or REFUNDING',
      'the provider gives no certain answer: is it up? See payment_provider_calls_total{outcome="unknown"} and payment.log',
    ),
    look(
      'Payments unheard',
      "status = 'SUCCEEDED' and not outcome_seen",
      'answered_at',
      'captured, and ordering has not said what became of the order',
      'payment tells it again by itself (ANSWER_RESEND_MS); if it stays, `eshop dlq list` and `eshop status`',
    ),
  ])
}

function checkCheckouts(settings: LocalSettings): Promise<Check> {
  const fix =
    'basket sends them again by itself (CHECKOUT_RESEND_MS): is ordering up? `eshop dlq list --service ordering`'
  return guarded({ name: 'Checkouts', fix }, async () => {
    const [row] = await rows<{ found: number; seconds: number | null; oldest: string | null }>(
      settings,
      'basket',
      `select count(*)::int as found, extract(epoch from now() - min(accepted_at))::float8 as seconds,
         (array_agg(order_id order by accepted_at))[1] as oldest
       from checkouts where status = 'Accepted' and accepted_at < now() - $1 * interval '1 millisecond'`,
      [LATE_MS],
    )
    const { found = 0, seconds = 0, oldest } = row ?? {}
    return found === 0
      ? undefined
      : `${found} accepted and not taken over by ordering, the oldest (order ${oldest}) for ${ago(seconds ?? 0)}`
  })
}

function checkDeadLetters(settings: LocalSettings): Promise<Check[]> {
  return Promise.all(
    SERVICES.map((service) =>
      guarded(
        { name: `Dead letters ${service}`, fix: `\`eshop dlq list --service ${service}\` shows them` },
        async () => {
          const found = await rows<{ topic: string; letters: number }>(
            settings,
            service,
            "select topic, count(*)::int as letters from dead_letters where state = 'OPEN' group by topic order by topic",
          )
          return found.length === 0 ? undefined : found.map(({ topic, letters }) => `${letters} of ${topic}`).join(', ')
        },
      ),
    ),
  )
}

/** A check whose finding is what `look` returns. */
async function guarded(
  { name, fix }: { readonly name: string; readonly fix: string },
  look: () => Promise<string | undefined>,
): Promise<Check> {
  try {
    const finding = await look()
    return { name, ok: finding === undefined, detail: finding ?? 'none', fix }
  } catch (error) {
    return { name, ok: false, detail: `cannot look: ${messageOf(error)}`, fix: 'is PostgreSQL up? `eshop status`' }
  }
}

async function rows<Row>(
  { ports }: LocalSettings,
  database: string,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const connectionString = postgresUrl(ports.postgres, database)
  const name = `eshop-doctor (${userInfo().username})`
  const client = new pg.Client({
    connectionString,
    connectionTimeoutMillis: 10_000,
    query_timeout: 10_000,
    application_name: name,
  })
  client.on('error', () => {})
  try {
    await client.connect()
    return (await client.query(text, [...values])).rows as Row[]
  } finally {
    await client.end().catch(() => {})
  }
}

export function ago(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`
}
