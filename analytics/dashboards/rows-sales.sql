-- title: Sold items
-- about: Lines of orders paid in this time, the newest first.
-- chart: rows

SELECT
  order_id,
  paid_at,
  name AS product,
  brand,
  category,
  quantity,
  unit_price_minor,
  line_minor,
  currency,
  customer_id
FROM order_items_since(since = {from:DateTime64(3)})
WHERE paid_at >= {from:DateTime64(3)} AND paid_at < {to:DateTime64(3)}
  AND ({currency:String} = '' OR currency = {currency:String})
  AND ({brand:String} = '' OR brand = {brand:String})
  AND ({category:String} = '' OR category = {category:String})
  AND ({product:String} = '' OR toString(product_id) = {product:String})
ORDER BY paid_at DESC, order_id DESC, line_no
LIMIT 1000
