-- Records that could not be taken in, with their bytes, written before the row in events that says so.
-- The bytes may hold what must not be shown, so only the rest is published.
CREATE TABLE eshop_store.dead_letters
(
  topic LowCardinality(String),
  partition Int32,
  offset Int64,
  recorded_at DateTime64(3, 'UTC'),
  ingested_at DateTime64(3, 'UTC') DEFAULT now64(3),
  code LowCardinality(String),
  reason String,
  key_base64 Nullable(String) EPHEMERAL,
  value_base64 Nullable(String) EPHEMERAL,
  key Nullable(String) DEFAULT base64Decode(key_base64),
  value Nullable(String) DEFAULT base64Decode(value_base64),
  headers Map(String, String)
)
ENGINE = ReplacingMergeTree
ORDER BY (topic, partition, offset);

CREATE OR REPLACE VIEW eshop.dead_letters AS SELECT
  topic,
  partition,
  offset,
  recorded_at,
  ingested_at,
  code,
  reason,
  length(value) AS value_bytes
FROM eshop_store.dead_letters FINAL;
