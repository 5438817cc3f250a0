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
  $bucket(changed_at) AS time,
  reason,
  sum(abs(delta)) AS units
FROM stock_history_since(since = {from:DateTime64(3)})
WHERE changed_at >= {from:DateTime64(3)} AND changed_at < {to:DateTime64(3)}
GROUP BY time, reason
ORDER BY time, reason
