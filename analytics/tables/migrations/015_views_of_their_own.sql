-- What is asked for most, ready to be asked: views over the joined orders and over the events, so each is exact whenever they are.
CREATE OR REPLACE VIEW eshop.order_items AS SELECT
  order_id,
  status,
  customer_id,
  currency,
  channel,
  country,
  checked_out_at,
  paid_at,
  cancelled_at,
  item.line_no AS line_no,
  item.product_id AS product_id,
  item.sku AS sku,
  item.name AS name,
  item.brand AS brand,
  item.category AS category,
  item.unit_price_minor AS unit_price_minor,
  item.price_version AS price_version,
  item.quantity AS quantity,
  item.unit_price_minor * item.quantity AS line_minor
FROM eshop.orders ARRAY JOIN items AS item;

CREATE OR REPLACE VIEW eshop.order_items_since AS SELECT
  order_id,
  status,
  customer_id,
  currency,
  channel,
  country,
  checked_out_at,
  paid_at,
  cancelled_at,
  item.line_no AS line_no,
  item.product_id AS product_id,
  item.sku AS sku,
  item.name AS name,
  item.brand AS brand,
  item.category AS category,
  item.unit_price_minor AS unit_price_minor,
  item.price_version AS price_version,
  item.quantity AS quantity,
  item.unit_price_minor * item.quantity AS line_minor
FROM eshop.orders_since(since = {since:DateTime64(3, 'UTC')}) ARRAY JOIN items AS item;

-- Sales of a product on a day (UTC, by the time of payment) in a currency.
CREATE OR REPLACE VIEW eshop.product_sales AS SELECT
  toDate(assumeNotNull(paid_at)) AS day,
  product_id,
  currency,
  argMax(sku, (paid_at, order_id)) AS sku,
  argMax(name, (paid_at, order_id)) AS name,
  argMax(brand, (paid_at, order_id)) AS brand,
  argMax(category, (paid_at, order_id)) AS category,
  uniqExact(order_id) AS orders,
  sum(quantity) AS units,
  sum(line_minor) AS revenue_minor
FROM eshop.order_items
WHERE paid_at IS NOT NULL
GROUP BY day, product_id, currency;

-- Every price of a product and how long it stood. A version is one row, however often its event was sent.
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
    argMin(sku, offset) AS sku,
    argMin(name, offset) AS name,
    argMin(brand, offset) AS brand,
    argMin(category, offset) AS category,
    argMin(currency, offset) AS currency,
    argMin(new_price_minor, offset) AS price_minor,
    argMin(tuple(old_price_minor), offset).1 AS old_price_minor
  FROM eshop.product_price_changed
  GROUP BY product_id, price_version
);

-- Every movement of a product's stock and what was there after it. A version is one row, however often its event was sent.
CREATE OR REPLACE VIEW eshop.stock_history AS SELECT
  product_id,
  stock_version,
  min(occurred_at) AS changed_at,
  argMin(reason, offset) AS reason,
  argMin(delta, offset) AS delta,
  argMin(available, offset) AS available,
  argMin(reserved, offset) AS reserved,
  argMin(order_id, offset) AS order_id
FROM eshop.product_stock_changed
GROUP BY product_id, stock_version;

CREATE OR REPLACE VIEW eshop.stock_history_since AS SELECT
  product_id,
  stock_version,
  min(occurred_at) AS changed_at,
  argMin(reason, offset) AS reason,
  argMin(delta, offset) AS delta,
  argMin(available, offset) AS available,
  argMin(reserved, offset) AS reserved,
  argMin(order_id, offset) AS order_id
FROM eshop.product_stock_changed
WHERE occurred_at >= {since:DateTime64(3, 'UTC')}
GROUP BY product_id, stock_version;

-- Orders by the hour (UTC) of their checkout and how far they came: a step counts when it, or any later one, is known.
CREATE OR REPLACE VIEW eshop.checkout_funnel AS SELECT
  toStartOfHour(assumeNotNull(checked_out_at)) AS hour,
  channel,
  country,
  currency,
  count() AS checked_out,
  countIf(coalesce(started_at, submitted_at, awaiting_validation_at, stock_confirmed_at, paid_at, shipped_at) IS NOT NULL) AS submitted,
  countIf(coalesce(awaiting_validation_at, stock_confirmed_at, paid_at, shipped_at) IS NOT NULL) AS grace_over,
  countIf(coalesce(stock_confirmed_at, paid_at, shipped_at) IS NOT NULL) AS stock_reserved,
  countIf(coalesce(paid_at, shipped_at) IS NOT NULL) AS paid,
  countIf(shipped_at IS NOT NULL) AS shipped,
  countIf(cancelled_at IS NOT NULL) AS cancelled
FROM eshop.orders
WHERE checked_out_at IS NOT NULL
GROUP BY hour, channel, country, currency;
