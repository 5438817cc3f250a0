-- Events that were committed with the state they tell of, until the relay has sent them.
create table outbox (
  -- Ids are given without cache, so that within a key (whose owner row is locked) they are in commit order.
  id bigint generated always as identity (cache 1) primary key,
  -- The key's share of the relay (pipelines/outbox/slots.ts). Stored, so that every instance cuts the same way.
  slot smallint not null check (slot between 0 and 15),
  topic text not null,
  key text not null,
  event_id uuid not null,
  event_type text not null,
  payload bytea not null,
  headers json not null,
  created_at timestamptz not null default clock_timestamp(),
  sent_at timestamptz
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.2);

-- The relay orders by `id + 0`, which only this index offers. By plain `id` the planner takes the primary key instead, and each
-- read walks over everything that was sent.
create index outbox_unsent on outbox (slot, (id + 0)) where sent_at is null;
