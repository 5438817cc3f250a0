-- title: Events
-- about: Stored in this time, the newest first.
-- chart: rows

SELECT
  ingested_at AS stored_at,
  topic,
  partition,
  offset,
  type,
  recorded_at,
  occurred_at,
  order_id,
  product_id,
  event_id
FROM events_since(since = {from:DateTime64(3)})
WHERE ingested_at >= {from:DateTime64(3)} AND ingested_at < {to:DateTime64(3)}
  AND ({topic:String} = '' OR topic = {topic:String})
ORDER BY stored_at DESC, topic, partition, offset
LIMIT 1000
