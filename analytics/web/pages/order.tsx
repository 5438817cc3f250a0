import { useEffect, useState } from 'preact/hooks'
import { ApiError, askOrder, askOrderEvents, type OrderEvent, type OrderLife } from '../data/api.ts'
import { labelOf } from '../format/label.ts'
import { formatMs } from '../format/number.ts'
import { formatFine, formatTime } from '../format/time.ts'
import { EventEntry } from '../parts/event-entry.tsx'
import { LifeBar } from '../parts/life-bar.tsx'
import { Trouble } from '../parts/trouble.tsx'
import { go } from '../state/use-view.ts'

const REFRESH_MS = 3_000

interface State {
  readonly life?: OrderLife
  readonly events?: readonly OrderEvent[]
  readonly error?: ApiError
}

/** One order's life: what it is, how long it was in each state, and every event of it across all topics, with what each said. */
export function OrderPage({ orderId }: { readonly orderId: string }) {
  const [state, setState] = useState<State>({})
  const [asked, setAsked] = useState(0)
  // Dependencies: asked again on demand. What has not ended yet is asked again after a while, not while the tab is hidden.
  useEffect(() => {
    document.title = `Order ${orderId.slice(-12)} · eshop analytics`
    const abort = new AbortController()
    const again = () => {
      if (document.hidden) document.addEventListener('visibilitychange', again, { once: true, signal: abort.signal })
      else setAsked((count) => count + 1)
    }
    let timer: ReturnType<typeof setTimeout> | undefined
    Promise.all([askOrder(orderId, abort.signal), askOrderEvents(orderId, abort.signal)])
      .then(([life, events]) => {
        setState({ life, events })
        if (toneOf(life) === 'wait') timer = setTimeout(again, REFRESH_MS)
      })
      .catch(
        (error: unknown) =>
          !abort.signal.aborted &&
          setState((last) => ({
            ...last,
            error: error instanceof ApiError ? error : new ApiError(0, 'UNKNOWN', String(error)),
          })),
      )
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [orderId, asked])
  const { life, events, error } = state
  return (
    <main id="main" tabIndex={-1} class="order-page">
      <div class="page-head">
        <p class="crumbs">
          <button
            type="button"
            class="link"
            onClick={() => (history.length > 1 ? history.back() : go({ path: '', params: {} }))}
          >
            ← Back
          </button>
        </p>
        <h1>
          Order <code>{orderId}</code>
        </h1>
      </div>
      {error && <Trouble error={error} onRetry={() => setAsked(asked + 1)} />}
      {!life && !error && (
        <div class="skeleton s-table" role="status">
          <span class="visually-hidden">Loading</span>
        </div>
      )}
      {life && events && (
        <>
          <Facts life={life} onRefresh={() => setAsked(asked + 1)} />
          <LifeBar life={life} />
          <section class="card" aria-labelledby="events">
            <header>
              <div>
                <h2 id="events">{events.length} events</h2>
                <p class="about">As they happened, from every topic; each can be opened.</p>
              </div>
            </header>
            <ol class="timeline">
              {events.map((event, index) => (
                <EventEntry
                  key={`${event.topic}/${event.partition}/${event.offset}`}
                  event={event}
                  first={events[0] ?? event}
                  before={events[index - 1]}
                />
              ))}
            </ol>
          </section>
        </>
      )}
    </main>
  )
}

function toneOf({ status }: OrderLife): 'good' | 'bad' | 'wait' {
  if (status === 'Cancelled') return 'bad'
  return status === 'Paid' || status === 'Shipped' ? 'good' : 'wait'
}

function Facts({ life, onRefresh }: { life: OrderLife; onRefresh: () => void }) {
  const began = life.times.checkedOutAt ?? life.times.submittedAt
  const ended = life.times.shippedAt ?? life.times.cancelledAt ?? life.times.paidAt
  const tone = toneOf(life)
  return (
    <dl class="facts">
      <div>
        <dt>Status</dt>
        <dd>
          <span class={`pill ${tone}`}>{labelOf('status', life.status)}</span>
          {tone === 'wait' && (
            <button type="button" class="quiet" onClick={onRefresh}>
              Refresh
            </button>
          )}
        </dd>
      </div>
      {life.total && (
        <div>
          <dt>Total</dt>
          <dd>{amount(life.total)}</dd>
        </div>
      )}
      <div>
        <dt>Items</dt>
        <dd>
          {life.itemCount}{' '}
          <small>
            ({life.unitCount} {life.unitCount === 1 ? 'unit' : 'units'})
          </small>
        </dd>
      </div>
      <div>
        <dt>Payment</dt>
        <dd>
          {life.payment.outcome === 'None' ? '–' : life.payment.outcome}
          {life.payment.failReason && <small> {labelOf('reason', life.payment.failReason).toLowerCase()}</small>}
        </dd>
      </div>
      {life.cancellation && (
        <div>
          <dt>Cancelled</dt>
          <dd>
            {labelOf('reason', life.cancellation.reason)} <small>by {life.cancellation.by}</small>
          </dd>
        </div>
      )}
      <div>
        <dt>Customer</dt>
        <dd class="id">{life.customerId || '–'}</dd>
      </div>
      {began && (
        <div>
          <dt>Checked out</dt>
          <dd title={formatFine(Date.parse(began))}>{formatTime(Math.floor(Date.parse(began) / 1000) * 1000)}</dd>
        </div>
      )}
      {began && ended && (
        <div>
          <dt>{life.times.cancelledAt ? 'Until cancelled' : life.times.shippedAt ? 'Until shipped' : 'Until paid'}</dt>
          <dd>{formatMs(Date.parse(ended) - Date.parse(began))}</dd>
        </div>
      )}
    </dl>
  )
}

function amount({ amount: digits, currency }: { amount: string; currency: string }): string {
  return new Intl.NumberFormat(undefined, {
    style: 'currency',
    currency,
    minimumFractionDigits: digits.split('.')[1]?.length ?? 0,
  }).format(digits as unknown as number)
}
