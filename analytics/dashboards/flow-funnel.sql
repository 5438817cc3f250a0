-- title: From checkout to shipment
-- about: Orders checked out in this time that have come at least this far.
-- dashboard: Order flow
-- order: 210
-- chart: funnel
-- unit: count
-- width: half
-- refresh: 5s
-- drill: rows-orders reached=step

SELECT
  pair.1 AS step,
  pair.2 AS orders
FROM (
  SELECT [
    ('Checked out', count()),
    ('Submitted', countIf(submitted_at IS NOT NULL)),
    ('Grace period over', countIf(awaiting_validation_at IS NOT NULL)),
    ('Stock reserved', countIf(stock_confirmed_at IS NOT NULL)),
    ('Paid', countIf(paid_at IS NOT NULL)),
    ('Shipped', countIf(shipped_at IS NOT NULL))
  ] AS steps
  FROM orders_since(since = {from:DateTime64(3)})
  WHERE checked_out_at >= {from:DateTime64(3)} AND checked_out_at < {to:DateTime64(3)}
    AND ({channel:String} = '' OR channel = {channel:String})
    AND ({country:String} = '' OR country = {country:String})
)
ARRAY JOIN steps AS pair
