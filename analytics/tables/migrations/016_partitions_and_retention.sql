-- How far each partition was taken in, for an events table of several parts (PARTITION_EVENTS): one insert is then several parts, of which
-- the last may land alone, so the greatest offset proves nothing. Written after the events were acknowledged, never ahead of them.
CREATE TABLE eshop_store.positions
(
  topic String,
  partition Int32,
  next_offset SimpleAggregateFunction(max, Int64)
)
ENGINE = AggregatingMergeTree
ORDER BY (topic, partition);

-- What retention dropped, written before it is dropped: the events of a partition begin at first_offset, and were taken in up to next_offset.
CREATE TABLE eshop_store.retention_floors
(
  topic String,
  partition Int32,
  first_offset SimpleAggregateFunction(max, Int64),
  next_offset SimpleAggregateFunction(max, Int64),
  dropped_at SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY (topic, partition);

CREATE OR REPLACE VIEW eshop.retention AS SELECT
  topic,
  partition,
  first_offset,
  next_offset,
  dropped_at
FROM eshop_store.retention_floors FINAL;
