-- The events of an order, and of a time, without reading all. Records of a topic lie in the order of their offsets, so each granule is a
-- short span of time; what comes late makes a span longer at its beginning, which costs a question about the present nothing.
ALTER TABLE eshop_store.events ADD INDEX IF NOT EXISTS by_order order_id TYPE bloom_filter(0.005) GRANULARITY 1;

ALTER TABLE eshop_store.events ADD INDEX IF NOT EXISTS by_time (occurred_at, ingested_at) TYPE minmax GRANULARITY 1;

ALTER TABLE eshop_store.events MATERIALIZE INDEX by_order;

ALTER TABLE eshop_store.events MATERIALIZE INDEX by_time;
