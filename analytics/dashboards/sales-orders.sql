-- title: Orders
-- about: Checked out in this time, by what has become of them.
-- dashboard: Sales
-- order: 120
-- chart: columns
-- unit: count
-- width: two-thirds
-- refresh: 5s
-- drill: rows-orders outcome=outcome

SELECT
  $bucket(checked_out_at) AS time,
  multiIf(status IN ('Paid', 'Shipped'), 'Paid or shipped', status = 'Cancelled', 'Cancelled', 'In progress') AS outcome,
  count() AS orders
FROM orders_since(since = {from:DateTime64(3)})
WHERE checked_out_at >= {from:DateTime64(3)} AND checked_out_at < {to:DateTime64(3)}
  AND currency = {currency:String}
  AND ({channel:String} = '' OR channel = {channel:String})
  AND ({country:String} = '' OR country = {country:String})
GROUP BY time, outcome
ORDER BY time, outcome
