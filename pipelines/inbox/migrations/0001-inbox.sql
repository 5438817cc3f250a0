-- What each consumer has finished with. A row is written in the transaction of the event's effect.
create table inbox (
  consumer text not null,
  event_id uuid not null,
  -- DEAD: it was dead-lettered; a replay sets it DONE in the handler's transaction.
  state text not null default 'DONE' check (state in ('DONE', 'DEAD')),
  finished_at timestamptz not null default clock_timestamp(),
  primary key (consumer, event_id)
);
