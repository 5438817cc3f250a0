-- title: Freshness
-- about: From Kafka's time of a record until it was first stored.
-- dashboard: Pipeline health
-- order: 420
-- chart: line
-- unit: ms
-- width: half
-- refresh: 5s

SELECT
  $bucket(ingested_at) AS time,
  quantileTDigest(0.5)(dateDiff('millisecond', recorded_at, ingested_at)) AS p50,
  quantileTDigest(0.99)(dateDiff('millisecond', recorded_at, ingested_at)) AS p99
FROM events_since(since = {from:DateTime64(3)})
WHERE ingested_at >= {from:DateTime64(3)} AND ingested_at < {to:DateTime64(3)}
GROUP BY time
ORDER BY time
