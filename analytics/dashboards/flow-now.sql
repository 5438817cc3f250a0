-- title: Where orders are now
-- about: Every order that is not shipped or cancelled yet, whenever it came.
-- dashboard: Order flow
-- order: 220
-- chart: bars
-- unit: count
-- width: half
-- refresh: 5s
-- compare: no
-- drill: rows-orders-now status=status

SELECT
  status,
  count() AS orders,
  max(dateDiff('millisecond', first_event_at, now64(3))) AS oldest_ms
FROM orders
WHERE status NOT IN ('Shipped', 'Cancelled')
  AND ({channel:String} = '' OR channel = {channel:String})
  AND ({country:String} = '' OR country = {country:String})
GROUP BY status
ORDER BY indexOf(['CheckedOut', 'Submitted', 'AwaitingValidation', 'StockConfirmed', 'Paid'], status)
