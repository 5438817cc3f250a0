-- Orders lie in the order in which they were made: an order's id is a UUIDv7, and UUIDToNum gives its bytes from the first to the last (a UUID
-- itself is sorted by its random half). What is new then meets the newest part only, FINAL folds only what overlaps, and a span of time is a
-- piece of the table. An order is found by its id as before: ClickHouse applies the key's function to the id that is asked for.
-- Copied before this version reads anything; an older one must not write meanwhile. Broken half-way, it begins anew.
DROP TABLE IF EXISTS eshop_store.orders_in_time;

CREATE TABLE eshop_store.orders_in_time AS eshop_store.orders
ENGINE = AggregatingMergeTree
ORDER BY UUIDToNum(order_id)
SETTINGS min_bytes_for_wide_part = 67108864, merge_selector_base = 10;

ALTER TABLE eshop_store.orders_in_time ADD INDEX IF NOT EXISTS by_time last_event_at TYPE minmax GRANULARITY 1;

INSERT INTO eshop_store.orders_in_time SELECT * FROM eshop_store.orders;

EXCHANGE TABLES eshop_store.orders AND eshop_store.orders_in_time;

DROP TABLE eshop_store.orders_in_time;

-- Imported orders are folded again from their lines, to ids of the same kind: the time is the order's own, the rest a hash of file and invoice.
ALTER TABLE eshop_store.imported_lines ADD COLUMN IF NOT EXISTS imported_at DateTime('UTC') DEFAULT now();

DROP TABLE IF EXISTS eshop_store.imported_in_time;

CREATE TABLE eshop_store.imported_in_time AS eshop_store.imported_orders
ENGINE = AggregatingMergeTree
ORDER BY UUIDToNum(order_id);

ALTER TABLE eshop_store.imported_in_time ADD COLUMN IF NOT EXISTS imported_at SimpleAggregateFunction(max, DateTime('UTC'));

ALTER TABLE eshop_store.imported_in_time ADD INDEX IF NOT EXISTS by_time last_event_at TYPE minmax GRANULARITY 1;

INSERT INTO eshop_store.imported_in_time
  (order_id, customer_id, channel, country, currency, total_minor, subtotal_minor, charged_minor, payment_succeeded_at, items,
   first_event_at, last_event_at, checked_out_at, placed_at, started_at, submitted_at, paid_at, shipped_at, imported_at)
SELECT
  toUUID(concat(substring(ms, 5, 8), '-', substring(ms, 13, 4), '-7', substring(hash, 1, 3), '-8', substring(hash, 4, 3), '-', substring(hash, 7, 12))),
  customer_id, 'REPLAY', country, currency, total, total, total, at, items, at, at, at, at, at, at, at, at, imported_at
FROM (
  SELECT
    customer_id,
    lower(hex(sipHash128(file_hash, invoice, customer_id))) AS hash,
    leftPad(lower(hex(toUInt64(greatest(0, toUnixTimestamp64Milli(min(line.at)))))), 16, '0') AS ms,
    any(line.country) AS country,
    any(line.currency) AS currency,
    sum(quantity * unit_price_minor) AS total,
    min(line.at) AS at,
    max(line.imported_at) AS imported_at,
    arrayMap((item, n) -> (toInt32(n), item.1, item.2, item.3, '', '', item.4, toInt32(0), item.5),
      arraySort(item -> item.6, groupArray((reinterpretAsUUID(sipHash128('imported', sku)), sku, name, unit_price_minor, quantity, line))) AS sold,
      arrayEnumerate(sold)) AS items
  FROM eshop_store.imported_lines AS line FINAL
  GROUP BY file_hash, invoice, customer_id
);

EXCHANGE TABLES eshop_store.imported_orders AND eshop_store.imported_in_time;

DROP TABLE eshop_store.imported_in_time;

-- What is stored of an order are several rows until they are merged, each with a part of what is known. Of two indexes one may leave out the
-- one row and the other the other, and the order with them: so each of these views uses one alone.
CREATE OR REPLACE VIEW eshop.orders AS SELECT
  order_id,
  multiIf(
    shipped_at IS NOT NULL, 'Shipped',
    cancelled_at IS NOT NULL, 'Cancelled',
    paid_at IS NOT NULL, 'Paid',
    stock_confirmed_at IS NOT NULL, 'StockConfirmed',
    awaiting_validation_at IS NOT NULL, 'AwaitingValidation',
    submitted_at IS NOT NULL OR started_at IS NOT NULL, 'Submitted',
    'CheckedOut') AS status,
  version,
  customer_id,
  basket_id,
  channel,
  country,
  currency,
  total_minor,
  subtotal_minor,
  discount_minor,
  shipping_minor,
  tax_minor,
  items,
  toInt32(length(items)) AS item_count,
  toInt64(arraySum(item -> item.quantity, items)) AS unit_count,
  checked_out_at,
  placed_at,
  started_at,
  submitted_at,
  grace_ends_at,
  grace_confirmed_at,
  awaiting_validation_at,
  validation_attempts,
  stock_reserved_at,
  stock_rejected_at,
  rejected_lines,
  stock_confirmed_at,
  payment_requests,
  multiIf(
    payment_refunded_at IS NOT NULL, 'Refunded',
    payment_succeeded_at IS NOT NULL, 'Succeeded',
    payment_failed_at IS NOT NULL, 'Failed',
    'None') AS payment_outcome,
  payment_succeeded_at,
  payment_failed_at,
  payment_refunded_at,
  payment_id,
  payment_provider,
  card_brand,
  charged_minor,
  payment_attempts,
  payment_provider_ms,
  payment_fail_reason,
  refund_id,
  refunded_minor,
  refund_reason,
  paid_at,
  shipped_at,
  carrier,
  tracking_number,
  cancelled_at,
  cancel_reason,
  cancelled_from,
  cancelled_by,
  first_event_at,
  last_event_at
FROM (
  SELECT * FROM eshop_store.orders FINAL
  UNION ALL
  SELECT * EXCEPT (imported_at) FROM eshop_store.imported_orders FINAL
)
SETTINGS ignore_data_skipping_indices = 'by_time';

-- The orders that something happened to from a time on: orders_since(since = '2026-01-31 00:00:00'). What lies before is not read.
CREATE OR REPLACE VIEW eshop.orders_since AS SELECT
  order_id,
  multiIf(
    shipped_at IS NOT NULL, 'Shipped',
    cancelled_at IS NOT NULL, 'Cancelled',
    paid_at IS NOT NULL, 'Paid',
    stock_confirmed_at IS NOT NULL, 'StockConfirmed',
    awaiting_validation_at IS NOT NULL, 'AwaitingValidation',
    submitted_at IS NOT NULL OR started_at IS NOT NULL, 'Submitted',
    'CheckedOut') AS status,
  version,
  customer_id,
  basket_id,
  channel,
  country,
  currency,
  total_minor,
  subtotal_minor,
  discount_minor,
  shipping_minor,
  tax_minor,
  items,
  toInt32(length(items)) AS item_count,
  toInt64(arraySum(item -> item.quantity, items)) AS unit_count,
  checked_out_at,
  placed_at,
  started_at,
  submitted_at,
  grace_ends_at,
  grace_confirmed_at,
  awaiting_validation_at,
  validation_attempts,
  stock_reserved_at,
  stock_rejected_at,
  rejected_lines,
  stock_confirmed_at,
  payment_requests,
  multiIf(
    payment_refunded_at IS NOT NULL, 'Refunded',
    payment_succeeded_at IS NOT NULL, 'Succeeded',
    payment_failed_at IS NOT NULL, 'Failed',
    'None') AS payment_outcome,
  payment_succeeded_at,
  payment_failed_at,
  payment_refunded_at,
  payment_id,
  payment_provider,
  card_brand,
  charged_minor,
  payment_attempts,
  payment_provider_ms,
  payment_fail_reason,
  refund_id,
  refunded_minor,
  refund_reason,
  paid_at,
  shipped_at,
  carrier,
  tracking_number,
  cancelled_at,
  cancel_reason,
  cancelled_from,
  cancelled_by,
  first_event_at,
  last_event_at
FROM (
  SELECT * FROM eshop_store.orders FINAL WHERE last_event_at >= {since:DateTime64(3, 'UTC')}
  UNION ALL
  SELECT * EXCEPT (imported_at) FROM eshop_store.imported_orders FINAL WHERE last_event_at >= {since:DateTime64(3, 'UTC')}
)
SETTINGS ignore_data_skipping_indices = 'by_customer';
