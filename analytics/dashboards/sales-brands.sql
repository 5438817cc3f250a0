-- title: Brands
-- about: In orders paid in this time.
-- dashboard: Sales
-- order: 125
-- chart: bars
-- unit: money
-- width: third
-- refresh: 10s
-- drill: rows-sales brand=brand

SELECT
  brand,
  sum(line_minor) AS revenue_minor,
  sum(quantity) AS units
FROM order_items_since(since = {from:DateTime64(3)})
WHERE paid_at >= {from:DateTime64(3)} AND paid_at < {to:DateTime64(3)}
  AND currency = {currency:String}
  AND ({brand:String} = '' OR brand = {brand:String})
  AND ({category:String} = '' OR category = {category:String})
GROUP BY brand
ORDER BY revenue_minor DESC, brand
LIMIT 8
