-- title: Failed payments
-- about: Refused in this time, the newest first.
-- chart: rows

SELECT
  order_id,
  payment_failed_at,
  payment_fail_reason,
  payment_attempts,
  payment_provider,
  customer_id,
  total_minor,
  currency,
  status
FROM orders_since(since = {from:DateTime64(3)})
WHERE payment_failed_at >= {from:DateTime64(3)} AND payment_failed_at < {to:DateTime64(3)}
  AND ({reason:String} = '' OR payment_fail_reason = {reason:String})
  AND ({channel:String} = '' OR channel = {channel:String})
  AND ({country:String} = '' OR country = {country:String})
ORDER BY payment_failed_at DESC, order_id DESC
LIMIT 1000
