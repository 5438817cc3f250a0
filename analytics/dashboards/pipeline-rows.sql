-- title: Events taken in
-- about: Per second, by the time they were stored.
-- dashboard: Pipeline health
-- order: 410
-- chart: area
-- unit: per-second
-- width: half
-- refresh: 5s
-- drill: rows-events

SELECT
  $bucket(ingested_at) AS time,
  count() / {step:UInt32} AS events_per_second
FROM events_since(since = {from:DateTime64(3)})
WHERE ingested_at >= {from:DateTime64(3)} AND ingested_at < {to:DateTime64(3)}
GROUP BY time
ORDER BY time
