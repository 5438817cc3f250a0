-- Records that a consumer could not handle, as they were. One per position, however often it is delivered.
create table dead_letters (
  -- UUIDv7: listed newest first by it.
  id uuid primary key,
  consumer text not null,
  topic text not null,
  partition int not null,
  "offset" bigint not null,
  key text,
  event_id uuid,
  event_type text,
  payload bytea,
  headers json not null,
  recorded_at timestamptz not null,
  attempts int not null,
  code text not null,
  reason text not null,
  stack text,
  state text not null default 'OPEN' check (state in ('OPEN', 'REPLAYED', 'DISCARDED')),
  created_at timestamptz not null default clock_timestamp(),
  unique (consumer, topic, partition, "offset")
);

-- Tries of records that failed. Survives the process, so that a record that kills it is dead-lettered in the end.
create table consumer_attempts (
  consumer text not null,
  topic text not null,
  partition int not null,
  "offset" bigint not null,
  attempts int not null,
  tried_at timestamptz not null default clock_timestamp(),
  primary key (consumer, topic, partition, "offset")
);

-- From where a partition was begun, and how often without getting on: the sign that some record there kills the process.
create table consumer_starts (
  consumer text not null,
  topic text not null,
  partition int not null,
  from_offset bigint not null,
  starts int not null,
  started_at timestamptz not null default clock_timestamp(),
  primary key (consumer, topic, partition)
);
