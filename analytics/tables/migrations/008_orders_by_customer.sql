-- The orders of one customer without reading all. Rows of an order that lie in several parts are still folded: ClickHouse adds what shares
-- the key's range with what the index found (use_skip_indexes_if_final_exact_mode, the default; where it is not known, FINAL uses no index).
ALTER TABLE eshop_store.orders ADD INDEX IF NOT EXISTS by_customer customer_id TYPE bloom_filter GRANULARITY 1;

ALTER TABLE eshop_store.orders MATERIALIZE INDEX by_customer;
