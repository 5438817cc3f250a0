import type { OrderLife } from '../data/api.ts'
import { formatMs } from '../format/number.ts'

/** States in the order of an order's life, and the moment each begins. */
const STATES = [
  ['Checked out', 'checkedOutAt', '--c6'],
  ['Submitted', 'submittedAt', '--c1'],
  ['Awaiting validation', 'awaitingValidationAt', '--c4'],
  ['Stock confirmed', 'stockConfirmedAt', '--c2'],
  ['Paid', 'paidAt', '--good'],
] as const

/** How long the order was in each state, one bar. Widths are true to time, but short stays are kept visible. */
export function LifeBar({ life }: { readonly life: OrderLife }) {
  const end = life.times.shippedAt ?? life.times.cancelledAt
  const points = STATES.flatMap(([name, key, color]) => {
    const at = life.times[key]
    return at ? [{ name, color, at: Date.parse(at) }] : []
  })
  const stays = points.flatMap(({ name, color, at }, index) => {
    const until = points[index + 1]?.at ?? (end ? Date.parse(end) : undefined)
    return until === undefined ? [] : [{ name, color, ms: Math.max(0, until - at) }]
  })
  if (stays.length === 0) return null
  const total = stays.reduce((sum, { ms }) => sum + ms, 0) || 1
  return (
    <section class="life" aria-label="Time in each state">
      <div class="life-bar" aria-hidden="true">
        {stays.map(({ name, color, ms }) => (
          <span
            key={name}
            style={{ flexGrow: Math.max(ms / total, 0.015), background: `var(${color})` }}
            title={`${name}: ${formatMs(ms)}`}
          />
        ))}
      </div>
      <ul>
        {stays.map(({ name, color, ms }) => (
          <li key={name}>
            <i class="key" style={{ background: `var(${color})` }} />
            {name} <b>{formatMs(ms)}</b>
          </li>
        ))}
      </ul>
    </section>
  )
}
