-- title: Sales at a glance
-- about: Revenue is what was charged in this time and is not refunded; orders are those checked out in it.
-- dashboard: Sales
-- order: 100
-- chart: stats
-- unit: count
-- width: full
-- refresh: 5s

WITH
  ifNull(o.payment_succeeded_at >= {from:DateTime64(3)} AND o.payment_succeeded_at < {to:DateTime64(3)}, 0) AS charged,
  ifNull(o.checked_out_at >= {from:DateTime64(3)} AND o.checked_out_at < {to:DateTime64(3)}, 0) AS placed
SELECT
  sumIf(ifNull(o.charged_minor, 0) - ifNull(o.refunded_minor, 0), charged) AS revenue_minor,
  countIf(placed) AS orders,
  if(countIf(charged) = 0, NULL, round(sumIf(ifNull(o.charged_minor, 0), charged) / countIf(charged))) AS average_order_minor,
  if(countIf(charged) = 0, NULL, sumIf(o.unit_count, charged) / countIf(charged)) AS units_per_order,
  uniqExactIf(customer_id, placed) AS customers,
  sumIf(ifNull(o.refunded_minor, 0), charged) AS refunded_minor
FROM orders_since(since = {from:DateTime64(3)}) AS o
WHERE currency = {currency:String}
  AND ({channel:String} = '' OR channel = {channel:String})
  AND ({country:String} = '' OR country = {country:String})
  AND (charged OR placed)
