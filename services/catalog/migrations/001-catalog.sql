-- What a product is. Its stock stands apart: an order changes one narrow row, never this one with its texts and indexes.
create table products (
  id              uuid primary key,
  sku             text not null unique,
  name            text not null,
  description     text,
  brand           text not null,
  category        text not null,
  price_minor     bigint not null check (price_minor >= 0),
  currency        text not null check (currency ~ '^[A-Z]{3}$'),
  -- Decimal digits of the currency (ISO 4217), so that amounts of different currencies can be compared by number.
  exponent        smallint not null check (exponent between 0 and 4),
  price           numeric(20, 4) generated always as (price_minor / 10::numeric ^ exponent) stored,
  price_version   int not null check (price_version >= 1),
  -- Counts edits of this row: the entity tag.
  version         int not null default 1,
  discontinued_at timestamptz,
  created_at      timestamptz not null default now(),
  created_by      text not null,
  updated_at      timestamptz not null default now(),
  updated_by      text not null,
  words           tsvector generated always as (
    to_tsvector('simple', sku || ' ' || name || ' ' || brand || ' ' || category || ' ' || coalesce(description, ''))
  ) stored
);

create index products_by_name on products (lower(name), id) where discontinued_at is null;
create index products_by_price on products (price, id) where discontinued_at is null;
create index products_by_brand on products (lower(brand)) where discontinued_at is null;
create index products_by_category on products (lower(category)) where discontinued_at is null;
create index products_by_words on products using gin (words);

-- Every price a product ever had, and who set it.
create table price_changes (
  product_id    uuid not null references products,
  price_version int not null,
  price_minor   bigint not null,
  currency      text not null,
  changed_at    timestamptz not null default now(),
  changed_by    text not null,
  primary key (product_id, price_version)
);

-- How many units there are. The checks are the last gate: no mistake in a program can sell what is not there.
create table stock (
  product_id    uuid primary key references products,
  available     bigint not null default 0 check (available between 0 and 1000000000000),
  reserved      bigint not null default 0 check (reserved >= 0),
  sold          bigint not null default 0 check (sold >= 0),
  stock_version bigint not null default 0
) with (fillfactor = 50); -- room in each page, so that an update writes no index

-- The ledger: each movement with the stock after it. The sum of all explains every number of `stock`.
create table stock_movements (
  product_id    uuid not null references products,
  stock_version bigint not null,
  reason        text not null check (reason in ('RECEIVED', 'CORRECTED', 'RESERVED', 'RELEASED', 'SOLD')),
  -- Change of the available units; when SOLD, of the reserved ones.
  delta         bigint not null check (delta <> 0),
  available     bigint not null,
  reserved      bigint not null,
  sold          bigint not null,
  order_id      uuid,
  note          text,
  moved_at      timestamptz not null default now(),
  -- The subject of who did it; `order` when an order did.
  moved_by      text not null,
  primary key (product_id, stock_version),
  check ((order_id is not null) = (reason in ('RESERVED', 'RELEASED', 'SOLD')))
);

create index stock_movements_by_order on stock_movements (order_id) where order_id is not null;

-- One row per order that asked for stock or was cancelled before it did.
create table reservations (
  order_id    uuid primary key,
  -- RELEASED without an answer is the mark of a cancellation that came first.
  status      text not null default 'RELEASED' check (status in ('RESERVED', 'REJECTED', 'RELEASED', 'SOLD')),
  -- What was answered, so that the same question gets the same answer again.
  answer      jsonb,
  answered_at timestamptz,
  created_at  timestamptz not null default now(),
  updated_at  timestamptz not null default now(),
  check ((answer is null) = (answered_at is null)),
  check (answer is not null or status = 'RELEASED')
) with (fillfactor = 70);

create index reservations_held on reservations (created_at) where status = 'RESERVED';
