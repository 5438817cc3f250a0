-- title: Average order
-- about: Charged amount per charged order.
-- dashboard: Sales
-- order: 130
-- chart: line
-- unit: money
-- width: half
-- refresh: 10s
-- drill: rows-charges

SELECT
  $bucket(payment_succeeded_at) AS time,
  round(avg(ifNull(charged_minor, 0))) AS average_order_minor
FROM orders_since(since = {from:DateTime64(3)})
WHERE payment_succeeded_at >= {from:DateTime64(3)} AND payment_succeeded_at < {to:DateTime64(3)}
  AND currency = {currency:String}
  AND ({channel:String} = '' OR channel = {channel:String})
  AND ({country:String} = '' OR country = {country:String})
GROUP BY time
ORDER BY time
