-- title: Available, of the products that move most
-- about: The last number of each time slot.
-- dashboard: Stock and prices
-- order: 330
-- chart: line
-- unit: count
-- width: half
-- gaps: last
-- refresh: 10s
-- compare: no

WITH most AS (
  SELECT product_id FROM stock_history_since(since = {from:DateTime64(3)})
  WHERE changed_at >= {from:DateTime64(3)} AND changed_at < {to:DateTime64(3)}
  GROUP BY product_id ORDER BY sum(abs(delta)) DESC, product_id LIMIT 5
)
SELECT
  $bucket(changed_at) AS time,
  any(product.name) AS product,
  argMax(available, stock_version) AS available
FROM stock_history_since(since = {from:DateTime64(3)}) AS change
LEFT JOIN (SELECT product_id, argMax(name, price_version) AS name FROM price_history GROUP BY product_id) AS product USING product_id
WHERE change.changed_at >= {from:DateTime64(3)} AND change.changed_at < {to:DateTime64(3)}
  AND product_id IN most
GROUP BY time, product_id
ORDER BY time, product
