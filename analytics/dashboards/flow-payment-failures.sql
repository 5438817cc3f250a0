-- title: Why payments failed
-- about: By the time of the refusal.
-- empty: No payment failed in this time.
-- dashboard: Order flow
-- order: 260
-- chart: bars
-- unit: count
-- width: third
-- refresh: 10s
-- drill: rows-payment-failures reason=reason

SELECT
  payment_fail_reason AS reason,
  count() AS orders
FROM orders_since(since = {from:DateTime64(3)})
WHERE payment_failed_at >= {from:DateTime64(3)} AND payment_failed_at < {to:DateTime64(3)}
  AND ({channel:String} = '' OR channel = {channel:String})
  AND ({country:String} = '' OR country = {country:String})
GROUP BY reason
ORDER BY orders DESC, reason
