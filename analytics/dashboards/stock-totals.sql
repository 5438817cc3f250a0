-- title: Stock at a glance
-- about: What the shelves hold now, and what changed in this time.
-- dashboard: Stock and prices
-- order: 300
-- chart: stats
-- width: full
-- refresh: 10s
-- compare: no

SELECT
  count() AS products,
  countIf(available = 0) AS sold_out,
  countIf(available > 0 AND available < 50) AS fewer_than_50,
  sum(reserved) AS units_reserved,
  sum(sold) AS units_sold,
  (SELECT count() FROM product_price_changed
   WHERE occurred_at >= {from:DateTime64(3)} AND occurred_at < {to:DateTime64(3)} AND old_price_minor IS NOT NULL) AS price_changes
FROM (
  SELECT
    product_id,
    argMax(available, stock_version) AS available,
    argMax(reserved, stock_version) AS reserved,
    -sumIf(delta, reason = 'SOLD' AND occurred_at >= {from:DateTime64(3)} AND occurred_at < {to:DateTime64(3)}) AS sold
  FROM product_stock_changed
  GROUP BY product_id
)
