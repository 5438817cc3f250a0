import type { OrderEvent } from '../data/api.ts'
import { formatMoney } from '../format/money.ts'
import { formatMs, formatNumber } from '../format/number.ts'
import { formatFine } from '../format/time.ts'

interface Props {
  readonly event: OrderEvent
  readonly first: OrderEvent
  readonly before: OrderEvent | undefined
}

/** Which service said it: the colour of its mark. */
const PRODUCERS: Readonly<Record<string, readonly [name: string, color: string]>> = {
  UserCheckoutAccepted: ['basket', '--c6'],
  GracePeriodConfirmed: ['grace period', '--c5'],
  OrderStockConfirmed: ['catalog', '--c2'],
  OrderStockRejected: ['catalog', '--c2'],
  ProductStockChanged: ['catalog', '--c2'],
  OrderPaymentSucceeded: ['payment', '--c3'],
  OrderPaymentFailed: ['payment', '--c3'],
  OrderPaymentRefunded: ['payment', '--c3'],
}

/** A long wait is told before the event that ended it. */
const WAIT_MS = 1_000

/** One event on the time line: when, from whom, and behind it all that it said. */
export function EventEntry({ event, first, before }: Props) {
  const at = Date.parse(event.occurredAt)
  const [producer, color] = PRODUCERS[event.type] ?? ['ordering', '--c1']
  const waited = before ? at - Date.parse(before.occurredAt) : 0
  return (
    <>
      {waited >= WAIT_MS && <li class="wait">{formatMs(waited)} later</li>}
      <li class="event">
        <i class="mark" style={{ background: `var(${color})` }} />
        <details>
          <summary>
            <span class="when">
              <b>{offsetOf(at - Date.parse(first.occurredAt))}</b>
              <small>{formatFine(at)}</small>
            </span>
            <span class="what">
              <b>{titleOf(event.type)}</b>
              <small>
                {producer} · {event.topic} {event.partition}/{event.offset}
              </small>
            </span>
            <span class="gist">{gistOf(event)}</span>
          </summary>
          <div class="payload">
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (axe: scrollable-region-focusable) */}
            <pre tabIndex={0}>{JSON.stringify(event.payload, null, 2)}</pre>
            <dl>
              <dt>Event</dt>
              <dd>{event.type}</dd>
              <dt>Place</dt>
              <dd>
                topic {event.topic}, partition {event.partition}, offset {event.offset}
              </dd>
              <dt>Happened</dt>
              <dd>{formatFine(at)}</dd>
              <dt>In Kafka</dt>
              <dd>
                {formatFine(Date.parse(event.recordedAt))}{' '}
                <small>({formatMs(Date.parse(event.recordedAt) - at)} later)</small>
              </dd>
              <dt>In ClickHouse</dt>
              <dd>
                {formatFine(Date.parse(event.ingestedAt))}{' '}
                <small>({formatMs(Date.parse(event.ingestedAt) - Date.parse(event.recordedAt))} after that)</small>
              </dd>
            </dl>
          </div>
        </details>
      </li>
    </>
  )
}

/** Since the first event: +23 ms, +10.51 s; from minutes on as other durations. */
function offsetOf(ms: number): string {
  if (ms >= 1_000 && ms < 60_000) return `+${(ms / 1_000).toFixed(2)} s`
  return `+${formatMs(ms)}`
}

/** OrderStatusChangedToStockConfirmed as Stock confirmed; other events by their own name in words. */
function titleOf(type: string): string {
  const words = type
    .replace(/^OrderStatusChangedTo/, 'Order: ')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** What matters of an event, in a line. */
function gistOf({ payload }: OrderEvent): string {
  const currency = String(payload.currency ?? '')
  const parts: string[] = []
  const minor = payload.amount_minor ?? payload.total_minor
  if (minor !== undefined && currency) parts.push(formatMoney(minor as number, currency))
  if (payload.reason) parts.push(String(payload.reason).toLowerCase().replaceAll('_', ' '))
  const lines = payload.items ?? payload.lines
  if (Array.isArray(lines)) parts.push(`${lines.length} ${lines.length === 1 ? 'line' : 'lines'}`)
  if (payload.provider_ms !== undefined) parts.push(`provider took ${formatMs(Number(payload.provider_ms))}`)
  if (payload.grace_ms !== undefined) parts.push(`grace ${formatMs(Number(payload.grace_ms))}`)
  if (payload.reserved !== undefined)
    parts.push(
      `${formatNumber(Math.abs(Number(payload.delta)))} ${Math.abs(Number(payload.delta)) === 1 ? 'unit' : 'units'}, ${formatNumber(Number(payload.available))} left`,
    )
  if (Number(payload.attempt ?? payload.attempts ?? 1) > 1) parts.push(`attempt ${payload.attempt ?? payload.attempts}`)
  return parts.join(' · ')
}
