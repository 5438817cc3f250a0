-- title: Charged orders
-- about: Charged in this time, the newest first.
-- chart: rows

SELECT
  order_id,
  status,
  payment_succeeded_at,
  customer_id,
  charged_minor,
  refunded_minor,
  currency,
  item_count,
  payment_provider
FROM orders_since(since = {from:DateTime64(3)})
WHERE payment_succeeded_at >= {from:DateTime64(3)} AND payment_succeeded_at < {to:DateTime64(3)}
  AND ({currency:String} = '' OR currency = {currency:String})
  AND ({channel:String} = '' OR channel = {channel:String})
  AND ({country:String} = '' OR country = {country:String})
ORDER BY payment_succeeded_at DESC, order_id DESC
LIMIT 1000
