/** Each a question people ask, and a way of asking that is worth copying. */
const EXAMPLES = [
  [
    'Revenue by day and currency',
    `SELECT toDate(paid_at) AS day, currency, count() AS orders, sum(total_minor) AS revenue_minor
FROM orders
WHERE paid_at IS NOT NULL
GROUP BY day, currency
ORDER BY day DESC`,
  ],
  [
    'How long orders of the last hour took to be paid',
    `SELECT quantiles(0.5, 0.95, 0.99)(dateDiff('millisecond', checked_out_at, paid_at)) AS p50_p95_p99_ms
FROM orders
WHERE checked_out_at > now() - INTERVAL 1 HOUR AND paid_at IS NOT NULL`,
  ],
  [
    'Products that were cancelled most',
    `SELECT item.name AS product, sum(item.quantity) AS units, count() AS orders
FROM orders ARRAY JOIN items AS item
WHERE status = 'Cancelled'
GROUP BY product
ORDER BY units DESC
LIMIT 20`,
  ],
  [
    'Orders of one customer, with a parameter',
    `SELECT order_id, status, checked_out_at, total_minor, currency
FROM orders
WHERE customer_id = {customer:String}
ORDER BY checked_out_at DESC`,
  ],
] as const

/** Where to begin: what an empty page has under the editor. */
export function SqlExamples({
  running,
  onChoose,
}: {
  readonly running: boolean
  readonly onChoose: (sql: string) => void
}) {
  if (running)
    return (
      <div class="skeleton s-table" role="status">
        <span class="visually-hidden">Running</span>
      </div>
    )
  return (
    <section class="card examples" aria-label="Examples">
      <h2>Nothing has run yet</h2>
      <p class="about">Control and Enter runs the statement above. Some to begin with:</p>
      <ul>
        {EXAMPLES.map(([name, sql]) => (
          <li key={name}>
            <button type="button" class="link" onClick={() => onChoose(sql)}>
              {name}
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
