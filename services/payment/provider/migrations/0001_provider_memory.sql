-- The memory of the simulated provider: a bank's, not ours. It stands in a schema of its own, is written through connections of its
-- own, and no statement of the payment service reads it. Without it a restart would forget which keys it has charged.
create schema provider;

create table provider.charges (
  key           text primary key,
  amount_minor  bigint not null,
  currency      text not null,
  calls         int not null,
  captured_at   timestamptz,
  refused       text,
  check (captured_at is null or refused is null)
);

create table provider.refunds (
  key           text primary key,
  charge_key    text not null references provider.charges,
  amount_minor  bigint not null,
  currency      text not null,
  refunded_at   timestamptz not null,
  unique (charge_key)
);
