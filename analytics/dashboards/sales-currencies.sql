-- title: Income by currency
-- about: Amounts of different currencies are never added.
-- dashboard: Sales
-- order: 150
-- chart: table
-- width: full
-- refresh: 10s

SELECT
  currency,
  count() AS charged_orders,
  sum(ifNull(o.charged_minor, 0)) AS charged_minor,
  sum(ifNull(o.refunded_minor, 0)) AS refunded_minor,
  charged_minor - refunded_minor AS income_minor,
  round(charged_minor / charged_orders) AS average_order_minor
FROM orders_since(since = {from:DateTime64(3)}) AS o
WHERE payment_succeeded_at >= {from:DateTime64(3)} AND payment_succeeded_at < {to:DateTime64(3)}
GROUP BY currency
ORDER BY charged_orders DESC, currency
