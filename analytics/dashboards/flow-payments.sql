-- title: Payments
-- about: By the time of the last outcome.
-- dashboard: Order flow
-- order: 265
-- chart: bars
-- unit: count
-- width: third
-- refresh: 10s
-- drill: rows-payments outcome=outcome

SELECT
  payment_outcome AS outcome,
  count() AS orders
FROM orders_since(since = {from:DateTime64(3)})
WHERE payment_outcome != 'None'
  AND coalesce(payment_refunded_at, payment_succeeded_at, payment_failed_at) >= {from:DateTime64(3)}
  AND coalesce(payment_refunded_at, payment_succeeded_at, payment_failed_at) < {to:DateTime64(3)}
  AND ({channel:String} = '' OR channel = {channel:String})
  AND ({country:String} = '' OR country = {country:String})
GROUP BY outcome
ORDER BY orders DESC, outcome
