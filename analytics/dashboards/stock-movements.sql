-- title: Stock movements
-- about: Units moved, by reason.
-- dashboard: Stock and prices
-- order: 310
-- chart: columns
-- unit: count
-- width: two-thirds
-- refresh: 10s
-- drill: rows-stock-movements reason=reason

SELECT
  $bucket(occurred_at) AS time,
  reason,
  sum(abs(delta)) AS units
FROM product_stock_changed
WHERE occurred_at >= {from:DateTime64(3)} AND occurred_at < {to:DateTime64(3)}
GROUP BY time, reason
ORDER BY time, reason
