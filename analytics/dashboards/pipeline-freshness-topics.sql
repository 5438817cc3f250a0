-- title: Freshness by topic
-- about: From Kafka's time of a record until it was first stored, in this time.
-- dashboard: Pipeline health
-- order: 430
-- chart: quantiles
-- unit: ms
-- width: half
-- refresh: 10s
-- drill: rows-events topic=topic

SELECT
  topic,
  quantileExact(0.5)(dateDiff('millisecond', recorded_at, ingested_at)) AS p50_ms,
  quantileExact(0.95)(dateDiff('millisecond', recorded_at, ingested_at)) AS p95_ms,
  quantileExact(0.99)(dateDiff('millisecond', recorded_at, ingested_at)) AS p99_ms,
  count() AS events,
  max(recorded_at) AS newest_at
FROM events_since(since = {from:DateTime64(3)})
WHERE ingested_at >= {from:DateTime64(3)} AND ingested_at < {to:DateTime64(3)}
GROUP BY topic
ORDER BY topic
