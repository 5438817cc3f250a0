-- title: Dead letters
-- about: Records that could not be read, by the time they were stored.
-- empty: No dead letters in this time.
-- dashboard: Pipeline health
-- order: 460
-- chart: table
-- width: full
-- refresh: 10s

SELECT
  ingested_at AS stored_at,
  topic,
  partition,
  offset,
  code,
  reason,
  value_bytes
FROM dead_letters
WHERE ingested_at >= {from:DateTime64(3)} AND ingested_at < {to:DateTime64(3)}
ORDER BY stored_at DESC, topic, partition, offset
LIMIT 200
