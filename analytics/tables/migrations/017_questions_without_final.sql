-- Questions about an order, a time or a product that need no FINAL. To read by an index and yet be exact, FINAL reads every row whose key lies
-- near one that the index found, and of a small part that is whole partitions of Kafka. These fold what is stored twice by themselves.

-- Every record about an order. Whoever could read a record found the same order in it, so its versions are one row.
CREATE OR REPLACE VIEW eshop.order_events AS SELECT
  order_id,
  topic,
  partition,
  offset,
  type,
  event_id,
  occurred_at,
  recorded_at,
  max(events.ingested_at) AS ingested_at
FROM eshop_store.events AS events
WHERE order_id IS NOT NULL
GROUP BY order_id, topic, partition, offset, type, event_id, occurred_at, recorded_at;

-- The records that were taken in from a time on, each once: events_since(since = '2026-01-31 00:00:00').
CREATE OR REPLACE VIEW eshop.events_since AS SELECT
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
FROM eshop_store.events
WHERE ingested_at >= {since:DateTime64(3, 'UTC')}
ORDER BY readable DESC, ingested_at DESC
LIMIT 1 BY topic, partition, offset;

CREATE OR REPLACE VIEW eshop.price_history AS SELECT
  product_id,
  price_version,
  valid_from,
  leadInFrame(toNullable(valid_from)) OVER (PARTITION BY product_id ORDER BY price_version ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS valid_to,
  sku,
  name,
  brand,
  category,
  currency,
  price_minor,
  old_price_minor
FROM (
  SELECT
    product_id,
    price_version,
    min(occurred_at) AS valid_from,
    argMin(events.sku, offset) AS sku,
    argMin(events.name, offset) AS name,
    argMin(events.brand, offset) AS brand,
    argMin(events.category, offset) AS category,
    argMin(events.currency, offset) AS currency,
    argMin(events.new_price_minor, offset) AS price_minor,
    argMin(tuple(events.old_price_minor), offset).1 AS old_price_minor
  FROM eshop_store.events AS events
  WHERE type = 'ProductPriceChanged'
  GROUP BY product_id, price_version
);

CREATE OR REPLACE VIEW eshop.stock_history AS SELECT
  product_id,
  stock_version,
  min(occurred_at) AS changed_at,
  argMin(events.reason, offset) AS reason,
  argMin(events.delta, offset) AS delta,
  argMin(events.available, offset) AS available,
  argMin(events.reserved, offset) AS reserved,
  argMin(events.order_id, offset) AS order_id
FROM eshop_store.events AS events
WHERE type = 'ProductStockChanged'
GROUP BY product_id, stock_version;

CREATE OR REPLACE VIEW eshop.stock_history_since AS SELECT
  product_id,
  stock_version,
  min(occurred_at) AS changed_at,
  argMin(events.reason, offset) AS reason,
  argMin(events.delta, offset) AS delta,
  argMin(events.available, offset) AS available,
  argMin(events.reserved, offset) AS reserved,
  argMin(events.order_id, offset) AS order_id
FROM eshop_store.events AS events
WHERE type = 'ProductStockChanged' AND occurred_at >= {since:DateTime64(3, 'UTC')}
GROUP BY product_id, stock_version;
