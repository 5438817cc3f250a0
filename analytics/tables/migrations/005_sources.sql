-- Which cluster's which topic the stored positions belong to. A topic that was made anew under its old name has another id.
CREATE TABLE eshop_store.sources
(
  topic String,
  cluster_id String,
  topic_id UUID,
  first_seen_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = MergeTree
ORDER BY topic;

CREATE OR REPLACE VIEW eshop.events AS SELECT
  topic,
  partition,
  offset,
  type,
  recorded_at,
  ingested_at,
  event_id,
  occurred_at,
  order_id,
  if(product_id = toUUID('00000000-0000-0000-0000-000000000000'), NULL, product_id) AS product_id
FROM eshop_store.events FINAL;
