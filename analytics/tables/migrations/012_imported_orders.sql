-- Past orders from files, beside the live ones: a rebuild leaves them alone. A line is known by its file's hash and its number, so that the
-- same file again adds nothing. Its orders have the columns of the live ones, and the view shows both.
CREATE TABLE eshop_store.imported_lines
(
  file_hash FixedString(64),
  line UInt32,
  invoice String,
  customer_id String,
  sku String,
  name String,
  quantity Int32,
  unit_price_minor Int64,
  currency LowCardinality(String),
  at DateTime64(3, 'UTC'),
  country LowCardinality(String)
)
ENGINE = ReplacingMergeTree
ORDER BY (file_hash, line);

CREATE TABLE eshop_store.imported_orders AS eshop_store.orders
ENGINE = AggregatingMergeTree
ORDER BY order_id;

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
FROM (SELECT * FROM eshop_store.orders FINAL UNION ALL SELECT * FROM eshop_store.imported_orders FINAL);
