-- title: Orders at a glance
-- about: Of the orders checked out in this time.
-- dashboard: Order flow
-- order: 200
-- chart: stats
-- width: full
-- refresh: 5s

SELECT
  count() AS checked_out,
  countIf(status NOT IN ('Paid', 'Shipped', 'Cancelled')) AS in_progress,
  if(count() = 0, NULL, countIf(status IN ('Paid', 'Shipped')) / count()) AS paid_share,
  if(count() = 0, NULL, countIf(status = 'Cancelled') / count()) AS cancelled_share,
  quantileExactIfOrNull(0.5)(dateDiff('millisecond', assumeNotNull(checked_out_at), assumeNotNull(paid_at)), paid_at IS NOT NULL) AS median_to_paid_ms
FROM orders_since(since = {from:DateTime64(3)})
WHERE checked_out_at >= {from:DateTime64(3)} AND checked_out_at < {to:DateTime64(3)}
  AND ({channel:String} = '' OR channel = {channel:String})
  AND ({country:String} = '' OR country = {country:String})
