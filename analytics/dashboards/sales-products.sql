-- title: Top products
-- about: In orders paid in this time.
-- dashboard: Sales
-- order: 140
-- chart: bars
-- unit: money
-- width: half
-- refresh: 10s
-- drill: rows-sales product=product_id

SELECT
  argMax(name, paid_at) AS product,
  sum(line_minor) AS revenue_minor,
  sum(quantity) AS units,
  uniqExact(order_id) AS orders,
  product_id
FROM order_items_since(since = {from:DateTime64(3)})
WHERE paid_at >= {from:DateTime64(3)} AND paid_at < {to:DateTime64(3)}
  AND currency = {currency:String}
  AND ({brand:String} = '' OR brand = {brand:String})
  AND ({category:String} = '' OR category = {category:String})
GROUP BY product_id
ORDER BY revenue_minor DESC, product
LIMIT 10
