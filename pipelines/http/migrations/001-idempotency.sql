-- The answers of requests with an idempotency key, each written in the transaction of its effect.
create table http_idempotency (
  subject    text        not null,
  route      text        not null,
  key        text        not null,
  body_hash  bytea       not null,
  status     smallint    not null check (status between 200 and 499),
  headers    jsonb       not null,
  body       jsonb,
  created_at timestamptz not null default now(),
  -- Null: kept for good.
  expires_at timestamptz,
  primary key (subject, route, key)
);

create index http_idempotency_expires on http_idempotency (expires_at) where expires_at is not null;
