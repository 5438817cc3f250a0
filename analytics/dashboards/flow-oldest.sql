-- title: Orders that wait longest
-- about: Not paid and not cancelled yet, the oldest first.
-- empty: No order waits.
-- dashboard: Order flow
-- order: 270
-- chart: table
-- width: full
-- refresh: 5s
-- compare: no

SELECT
  order_id,
  status,
  dateDiff('millisecond', first_event_at, now64(3)) AS waiting_ms,
  customer_id,
  total_minor,
  currency,
  first_event_at,
  last_event_at
FROM orders
WHERE status NOT IN ('Paid', 'Shipped', 'Cancelled')
  AND ({channel:String} = '' OR channel = {channel:String})
  AND ({country:String} = '' OR country = {country:String})
ORDER BY first_event_at, order_id
LIMIT 10
