-- title: Payments
-- about: With this outcome in this time, the newest first.
-- chart: rows

SELECT
  order_id,
  coalesce(payment_refunded_at, payment_succeeded_at, payment_failed_at) AS ended_at,
  payment_outcome,
  charged_minor,
  refunded_minor,
  currency,
  payment_fail_reason,
  refund_reason,
  payment_provider,
  payment_provider_ms,
  customer_id
FROM orders_since(since = {from:DateTime64(3)})
WHERE payment_outcome != 'None'
  AND ended_at >= {from:DateTime64(3)} AND ended_at < {to:DateTime64(3)}
  AND ({outcome:String} = '' OR payment_outcome = {outcome:String})
  AND ({channel:String} = '' OR channel = {channel:String})
  AND ({country:String} = '' OR country = {country:String})
ORDER BY ended_at DESC, order_id DESC
LIMIT 1000
