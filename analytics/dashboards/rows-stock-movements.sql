-- title: Stock movements
-- about: In this time, the newest first.
-- chart: rows

SELECT
  changed_at AS moved_at,
  product.name AS product,
  product.sku AS sku,
  reason,
  delta,
  available,
  reserved,
  stock_version,
  order_id
FROM stock_history_since(since = {from:DateTime64(3)}) AS change
LEFT JOIN (
  SELECT product_id, argMax(name, price_version) AS name, argMax(sku, price_version) AS sku FROM product_price_changed GROUP BY product_id
) AS product USING product_id
WHERE changed_at >= {from:DateTime64(3)} AND changed_at < {to:DateTime64(3)}
  AND ({reason:String} = '' OR reason = {reason:String})
  AND ({product:String} = '' OR toString(product_id) = {product:String})
ORDER BY moved_at DESC, stock_version DESC
LIMIT 1000
