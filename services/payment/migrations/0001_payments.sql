-- One row per order: what is known about its money.
create table payments (
  order_id         uuid primary key,
  payment_id       uuid not null unique,
  status           text not null check (status in ('CANCELLED', 'CHARGING', 'SUCCEEDED', 'FAILED', 'REFUNDING', 'REFUNDED')),
  order_version    int not null,
  customer_id      text not null,
  amount_minor     bigint not null,
  currency         text not null,
  -- Sensitive. Gone as soon as the provider has answered for certain.
  payment_token    text,
  -- Counted before the provider is called: 0 proves that it was not.
  attempts         int not null default 0,
  provider_ms      bigint not null default 0,
  provider         text,
  card_brand       text,
  fail_reason      text,
  charged_at       timestamptz,
  answered_at      timestamptz,
  outcome_seen     boolean not null default false,
  -- Ordering's cancellation, known or waiting for the provider's answer.
  cancel_version   int,
  cancel_reason    text,
  refund_id        uuid unique,
  refund_attempts  int not null default 0,
  refunded_at      timestamptz,
  -- What asked for the next answer: correlation, cause and trace of the event to come.
  origin           jsonb not null default '{}',
  -- When somebody should work on it: at once, after a backoff, or when the lease of who works on it has run out. By this server's clock.
  due_at           timestamptz,
  created_at       timestamptz not null default now(),
  updated_at       timestamptz not null default now(),

  check (amount_minor >= 0 or status = 'CANCELLED'),
  check ((payment_token is not null) = (status = 'CHARGING')),
  check ((due_at is not null) = (status in ('CHARGING', 'REFUNDING'))),
  check ((charged_at is not null) = (status in ('SUCCEEDED', 'REFUNDING', 'REFUNDED'))),
  check ((refunded_at is not null) = (status = 'REFUNDED'))
);

create index payments_due on payments (due_at) where due_at is not null;
create index payments_by_status on payments (status, order_id desc);
create index payments_by_customer on payments (customer_id, order_id desc);
