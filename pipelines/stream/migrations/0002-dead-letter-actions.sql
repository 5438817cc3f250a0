-- What operators did about dead letters, tries without success included. Never deleted.
create table dead_letter_actions (
  -- UUIDv7: in the order of time.
  id uuid primary key,
  dead_letter_id uuid not null references dead_letters,
  action text not null check (action in ('REPLAY', 'DISCARD')),
  -- The subject of the operator's token.
  by text not null,
  -- UNCHANGED: it was replayed before. FAILED: rolled back, it stays as it was.
  outcome text not null check (outcome in ('DONE', 'UNCHANGED', 'FAILED')),
  -- Of a discard what the operator said; of a replay what the handler said.
  reason text,
  acted_at timestamptz not null default clock_timestamp()
);
create index dead_letter_actions_by_letter on dead_letter_actions (dead_letter_id, id);

-- Bytes, headers and key may hold personal data: they are deleted after a time, the fact that something was dead-lettered is not.
alter table dead_letters add column forgotten_at timestamptz;
create index dead_letters_open on dead_letters (consumer, topic) where state = 'OPEN';
create index dead_letters_with_bytes on dead_letters (consumer, created_at) where forgotten_at is null;
