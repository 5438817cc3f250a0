-- title: Revenue
-- about: Charged and not refunded, by the time of the charge.
-- dashboard: Sales
-- order: 110
-- chart: area
-- unit: money
-- width: two-thirds
-- refresh: 5s
-- drill: rows-charges

SELECT
  $bucket(payment_succeeded_at) AS time,
  sum(ifNull(charged_minor, 0) - ifNull(refunded_minor, 0)) AS revenue_minor
FROM orders_since(since = {from:DateTime64(3)})
WHERE payment_succeeded_at >= {from:DateTime64(3)} AND payment_succeeded_at < {to:DateTime64(3)}
  AND currency = {currency:String}
  AND ({channel:String} = '' OR channel = {channel:String})
  AND ({country:String} = '' OR country = {country:String})
GROUP BY time
ORDER BY time
