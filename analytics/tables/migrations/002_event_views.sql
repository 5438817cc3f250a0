-- One view per event, with its own columns only, unique by (topic, partition, offset).
-- Printed by `node analytics/tables/generate.ts`.
CREATE OR REPLACE VIEW eshop.user_checkout_accepted AS SELECT
  topic,
  partition,
  offset,
  recorded_at,
  ingested_at,
  event_id,
  occurred_at,
  assumeNotNull(order_id) AS order_id,
  customer_id,
  basket_id,
  basket_version,
  total_minor,
  subtotal_minor,
  discount_minor,
  shipping_minor,
  tax_minor,
  currency,
  items,
  card_brand,
  card_last4,
  channel
FROM eshop_store.events FINAL WHERE type = 'UserCheckoutAccepted';

CREATE OR REPLACE VIEW eshop.order_started AS SELECT
  topic,
  partition,
  offset,
  recorded_at,
  ingested_at,
  event_id,
  occurred_at,
  assumeNotNull(order_id) AS order_id,
  version,
  customer_id,
  placed_at,
  basket_id,
  basket_version
FROM eshop_store.events FINAL WHERE type = 'OrderStarted';

CREATE OR REPLACE VIEW eshop.order_status_changed_to_submitted AS SELECT
  topic,
  partition,
  offset,
  recorded_at,
  ingested_at,
  event_id,
  occurred_at,
  assumeNotNull(order_id) AS order_id,
  version,
  customer_id,
  placed_at,
  total_minor,
  subtotal_minor,
  discount_minor,
  shipping_minor,
  tax_minor,
  currency,
  items,
  item_count,
  unit_count,
  country,
  channel,
  grace_ends_at
FROM eshop_store.events FINAL WHERE type = 'OrderStatusChangedToSubmitted';

CREATE OR REPLACE VIEW eshop.grace_period_confirmed AS SELECT
  topic,
  partition,
  offset,
  recorded_at,
  ingested_at,
  event_id,
  occurred_at,
  assumeNotNull(order_id) AS order_id,
  order_version,
  grace_ms,
  execution_id
FROM eshop_store.events FINAL WHERE type = 'GracePeriodConfirmed';

CREATE OR REPLACE VIEW eshop.order_status_changed_to_awaiting_validation AS SELECT
  topic,
  partition,
  offset,
  recorded_at,
  ingested_at,
  event_id,
  occurred_at,
  assumeNotNull(order_id) AS order_id,
  version,
  customer_id,
  placed_at,
  lines,
  attempt
FROM eshop_store.events FINAL WHERE type = 'OrderStatusChangedToAwaitingValidation';

CREATE OR REPLACE VIEW eshop.order_stock_confirmed AS SELECT
  topic,
  partition,
  offset,
  recorded_at,
  ingested_at,
  event_id,
  occurred_at,
  assumeNotNull(order_id) AS order_id,
  order_version,
  reserved_lines AS lines
FROM eshop_store.events FINAL WHERE type = 'OrderStockConfirmed';

CREATE OR REPLACE VIEW eshop.order_stock_rejected AS SELECT
  topic,
  partition,
  offset,
  recorded_at,
  ingested_at,
  event_id,
  occurred_at,
  assumeNotNull(order_id) AS order_id,
  order_version,
  rejected_lines AS lines
FROM eshop_store.events FINAL WHERE type = 'OrderStockRejected';

CREATE OR REPLACE VIEW eshop.order_status_changed_to_stock_confirmed AS SELECT
  topic,
  partition,
  offset,
  recorded_at,
  ingested_at,
  event_id,
  occurred_at,
  assumeNotNull(order_id) AS order_id,
  version,
  customer_id,
  placed_at,
  total_minor,
  currency,
  attempt
FROM eshop_store.events FINAL WHERE type = 'OrderStatusChangedToStockConfirmed';

CREATE OR REPLACE VIEW eshop.order_payment_succeeded AS SELECT
  topic,
  partition,
  offset,
  recorded_at,
  ingested_at,
  event_id,
  occurred_at,
  assumeNotNull(order_id) AS order_id,
  order_version,
  payment_id,
  amount_minor,
  currency,
  provider,
  card_brand,
  attempts,
  provider_ms
FROM eshop_store.events FINAL WHERE type = 'OrderPaymentSucceeded';

CREATE OR REPLACE VIEW eshop.order_payment_failed AS SELECT
  topic,
  partition,
  offset,
  recorded_at,
  ingested_at,
  event_id,
  occurred_at,
  assumeNotNull(order_id) AS order_id,
  order_version,
  payment_id,
  amount_minor,
  currency,
  provider,
  card_brand,
  reason,
  attempts,
  provider_ms
FROM eshop_store.events FINAL WHERE type = 'OrderPaymentFailed';

CREATE OR REPLACE VIEW eshop.order_payment_refunded AS SELECT
  topic,
  partition,
  offset,
  recorded_at,
  ingested_at,
  event_id,
  occurred_at,
  assumeNotNull(order_id) AS order_id,
  order_version,
  payment_id,
  refund_id,
  amount_minor,
  currency,
  reason,
  charged_at
FROM eshop_store.events FINAL WHERE type = 'OrderPaymentRefunded';

CREATE OR REPLACE VIEW eshop.order_status_changed_to_paid AS SELECT
  topic,
  partition,
  offset,
  recorded_at,
  ingested_at,
  event_id,
  occurred_at,
  assumeNotNull(order_id) AS order_id,
  version,
  customer_id,
  placed_at,
  total_minor,
  subtotal_minor,
  discount_minor,
  shipping_minor,
  tax_minor,
  currency,
  payment_id,
  lines
FROM eshop_store.events FINAL WHERE type = 'OrderStatusChangedToPaid';

CREATE OR REPLACE VIEW eshop.order_status_changed_to_shipped AS SELECT
  topic,
  partition,
  offset,
  recorded_at,
  ingested_at,
  event_id,
  occurred_at,
  assumeNotNull(order_id) AS order_id,
  version,
  customer_id,
  placed_at,
  total_minor,
  currency,
  carrier,
  tracking_number
FROM eshop_store.events FINAL WHERE type = 'OrderStatusChangedToShipped';

CREATE OR REPLACE VIEW eshop.order_status_changed_to_cancelled AS SELECT
  topic,
  partition,
  offset,
  recorded_at,
  ingested_at,
  event_id,
  occurred_at,
  assumeNotNull(order_id) AS order_id,
  version,
  customer_id,
  placed_at,
  reason,
  previous_status,
  actor_role,
  total_minor,
  currency,
  lines
FROM eshop_store.events FINAL WHERE type = 'OrderStatusChangedToCancelled';

CREATE OR REPLACE VIEW eshop.product_price_changed AS SELECT
  topic,
  partition,
  offset,
  recorded_at,
  ingested_at,
  event_id,
  occurred_at,
  product_id,
  sku,
  name,
  brand,
  category,
  price_version,
  old_price_minor,
  new_price_minor,
  currency
FROM eshop_store.events FINAL WHERE type = 'ProductPriceChanged';

CREATE OR REPLACE VIEW eshop.product_stock_changed AS SELECT
  topic,
  partition,
  offset,
  recorded_at,
  ingested_at,
  event_id,
  occurred_at,
  product_id,
  stock_version,
  available,
  reserved,
  delta,
  reason,
  order_id
FROM eshop_store.events FINAL WHERE type = 'ProductStockChanged';

CREATE OR REPLACE VIEW eshop.task_execution_changed AS SELECT
  topic,
  partition,
  offset,
  recorded_at,
  ingested_at,
  event_id,
  occurred_at,
  execution_id,
  version,
  task_name,
  status,
  trigger,
  attempt,
  started_at,
  ended_at,
  exit_code,
  message,
  parent_id
FROM eshop_store.events FINAL WHERE type = 'TaskExecutionChanged';

