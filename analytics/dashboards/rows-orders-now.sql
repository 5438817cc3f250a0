-- title: Open orders
-- about: In this status now, the oldest first.
-- chart: rows

SELECT
  order_id,
  status,
  dateDiff('millisecond', first_event_at, now64(3)) AS waiting_ms,
  customer_id,
  total_minor,
  currency,
  item_count,
  first_event_at,
  last_event_at
FROM orders
WHERE status NOT IN ('Shipped', 'Cancelled')
  AND ({status:String} = '' OR status = {status:String})
  AND ({channel:String} = '' OR channel = {channel:String})
  AND ({country:String} = '' OR country = {country:String})
ORDER BY first_event_at, order_id
LIMIT 1000
