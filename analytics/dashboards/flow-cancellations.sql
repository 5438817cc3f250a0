-- title: Why orders were cancelled
-- about: By the time of the cancellation.
-- empty: No order was cancelled in this time.
-- dashboard: Order flow
-- order: 250
-- chart: bars
-- unit: count
-- width: third
-- refresh: 10s
-- drill: rows-cancellations reason=reason

SELECT
  cancel_reason AS reason,
  count() AS orders
FROM orders_since(since = {from:DateTime64(3)})
WHERE cancelled_at >= {from:DateTime64(3)} AND cancelled_at < {to:DateTime64(3)}
  AND ({channel:String} = '' OR channel = {channel:String})
  AND ({country:String} = '' OR country = {country:String})
GROUP BY reason
ORDER BY orders DESC, reason
