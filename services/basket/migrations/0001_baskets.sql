-- A basket is one row, its lines travel with it: read, lock and close are one statement each.
create table baskets (
  basket_id    uuid primary key,
  customer_id  text not null,
  status       text not null default 'Open' check (status in ('Open', 'Closed')),
  -- Counts the customer's edits. Basket and version name what a checkout closed, so that a late OrderStarted can only hit that.
  version      int not null default 0,
  -- [{lineNo, productId, quantity, priceVersion, unitPriceMinor}]: the last two as last answered to the customer.
  lines        jsonb not null default '[]',
  expires_at   timestamptz not null,
  created_at   timestamptz not null default now(),
  updated_at   timestamptz not null default now()
);

create unique index baskets_open on baskets (customer_id) where status = 'Open';
create index baskets_expiry on baskets (expires_at) where status = 'Open';

-- What the catalog says of products: the greater price_version wins, whichever way it came.
create table products (
  product_id        uuid primary key,
  sku               text not null,
  name              text not null,
  brand             text not null,
  category          text not null,
  unit_price_minor  bigint not null check (unit_price_minor >= 0),
  currency          text not null,
  price_version     int not null,
  updated_at        timestamptz not null default now()
);

-- One row per accepted checkout, for good. It owns the order's id as a key of the outbox until ordering has taken over.
create table checkouts (
  order_id        uuid primary key,
  customer_id     text not null,
  basket_id       uuid not null unique,
  basket_version  int not null,
  status          text not null default 'Accepted' check (status in ('Accepted', 'Started')),
  total_minor     bigint not null,
  currency        text not null,
  item_count      int not null,
  unit_count      bigint not null,
  accepted_at     timestamptz not null,
  started_at      timestamptz,
  -- The event as it was published, address and payment token included (sensitive): kept only until OrderStarted shows that it arrived.
  event           jsonb,
  resends         int not null default 0,
  resend_at       timestamptz,
  check ((event is not null) = (status = 'Accepted')),
  check ((resend_at is not null) = (status = 'Accepted'))
);

create index checkouts_resend on checkouts (resend_at) where resend_at is not null;
