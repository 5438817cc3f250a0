-- title: Orders reaching each status
-- about: How many orders came into a status, by the time they did.
-- dashboard: Order flow
-- order: 230
-- chart: line
-- unit: count
-- width: half
-- refresh: 5s

SELECT
  $bucket(reached.2) AS time,
  reached.1 AS status,
  count() AS orders
FROM (
  SELECT arrayJoin([
    ('Submitted', submitted_at),
    ('Stock reserved', stock_confirmed_at),
    ('Paid', paid_at),
    ('Shipped', shipped_at),
    ('Cancelled', cancelled_at)
  ]) AS reached
  FROM orders_since(since = {from:DateTime64(3)})
  WHERE ({channel:String} = '' OR channel = {channel:String})
    AND ({country:String} = '' OR country = {country:String})
)
WHERE reached.2 >= {from:DateTime64(3)} AND reached.2 < {to:DateTime64(3)}
GROUP BY time, status
ORDER BY time, indexOf(['Submitted', 'Stock reserved', 'Paid', 'Shipped', 'Cancelled'], status)
