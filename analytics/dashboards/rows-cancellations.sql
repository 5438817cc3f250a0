-- title: Cancelled orders
-- about: Cancelled in this time, the newest first.
-- chart: rows

SELECT
  order_id,
  cancelled_at,
  cancel_reason,
  cancelled_from,
  cancelled_by,
  customer_id,
  total_minor,
  currency,
  payment_outcome
FROM orders_since(since = {from:DateTime64(3)})
WHERE cancelled_at >= {from:DateTime64(3)} AND cancelled_at < {to:DateTime64(3)}
  AND ({reason:String} = '' OR cancel_reason = {reason:String})
  AND ({channel:String} = '' OR channel = {channel:String})
  AND ({country:String} = '' OR country = {country:String})
ORDER BY cancelled_at DESC, order_id DESC
LIMIT 1000
