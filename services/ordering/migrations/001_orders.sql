-- An order as it stands. Amounts in minor units of the currency; what is invalid is stored as it came, so nothing is checked here.
create table orders (
  order_id uuid primary key,
  customer_id text not null,
  basket_id uuid not null,
  basket_version int not null,
  channel text not null,
  country text not null,
  currency text not null,
  total_minor bigint not null,
  subtotal_minor bigint not null,
  discount_minor bigint not null,
  shipping_minor bigint not null,
  tax_minor bigint not null,
  item_count int not null,
  unit_count bigint not null,
  -- Personal: for delivery only. Never in a log, an event or a list.
  address jsonb not null,
  -- Kept until the payment is made or can no longer come, then deleted.
  payment_token text,
  placed_at timestamptz not null,
  submitted_at timestamptz not null,
  grace_ends_at timestamptz not null,
  -- Set in the transaction that writes GracePeriodConfirmed: the marker that it is written once.
  grace_confirmed_at timestamptz,
  status text not null check (status in ('Submitted', 'AwaitingValidation', 'StockConfirmed', 'Paid', 'Shipped', 'Cancelled')),
  status_changed_at timestamptz not null,
  version int not null,
  -- Of the checkout, so that what the grace period goes on with can be traced back to it.
  correlation_id text
);

-- Own orders, all orders, all orders of a status: newest first, by keyset.
create index orders_by_customer on orders (customer_id, placed_at desc, order_id desc);
create index orders_by_time on orders (placed_at desc, order_id desc);
create index orders_by_status on orders (status, placed_at desc, order_id desc);
-- What the grace-period task looks for. Holds only the orders inside their grace period, so an idle run reads one page.
create index orders_in_grace on orders (grace_ends_at) where status = 'Submitted' and grace_confirmed_at is null;

-- `position` counts from 1 as the checkout listed them; line_no is the checkout's own number, which an invalid one may repeat.
create table order_items (
  order_id uuid not null references orders,
  position int not null,
  line_no int not null,
  product_id uuid not null,
  sku text not null,
  name text not null,
  brand text not null,
  category text not null,
  unit_price_minor bigint not null,
  price_version int not null,
  quantity int not null,
  primary key (order_id, position)
);

-- What happened to an order: its timeline, and with the order all that is needed to publish each event again as it was.
create table order_steps (
  order_id uuid not null references orders,
  version int not null,
  type text not null,
  occurred_at timestamptz not null,
  facts jsonb not null,
  primary key (order_id, version)
);
