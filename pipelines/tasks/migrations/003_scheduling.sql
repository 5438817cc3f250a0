-- The time that counts for everything of tasks and schedules: the database's, whatever the clocks of the machines say. One function,
-- so that a test can let it jump.
create function tasks_now() returns timestamptz language sql volatile as 'select clock_timestamp()';

-- Later runs get greater fencing tokens (pipelines/tasks/fence): a store that remembers the greatest refuses an older run's write.
create sequence task_fences;

alter table executions
  -- The logical run: the id of its first attempt. Attempts, and what they saved for each other, hang together by it.
  add column run_id uuid,
  add column requested_by text not null default 'unknown',
  -- Names the request: asked twice, run once.
  add column request_id uuid,
  add column external_id text,
  add column schedule_name text,
  -- When the schedule wanted it.
  add column due_at timestamptz,
  -- Not started earlier: the due time with its jitter, or the end of a retry's backoff.
  add column not_before timestamptz not null default clock_timestamp(),
  -- Greater goes first.
  add column priority int not null default 0,
  -- Of runs with the same key one is started after the other.
  add column serial_key text,
  -- Limits and retries as they were when it was requested, for whoever must act when the process cannot.
  add column policy jsonb,
  -- Who is starting its process. Each claim counts up, and a process that was started for an older one runs nothing.
  add column claim int not null default 0,
  add column claimed_at timestamptz,
  add column claimed_by text,
  add column fence bigint,
  add column cancel_requested_at timestamptz,
  add column cancel_requested_by text,
  add column progress jsonb,
  add column output_bytes bigint not null default 0,
  -- What happened beside its end and did not change it: a listener that failed, a handle that was left open.
  add column note text;
update executions set run_id = execution_id;
alter table executions alter column run_id set not null;
alter table executions alter column heartbeat_ms set default 5000;

create unique index executions_by_request on executions (task_name, request_id) where request_id is not null;
create unique index executions_by_due_time on executions (schedule_name, due_at) where trigger = 'SCHEDULE' and attempt = 1;
create index executions_by_run on executions (run_id, attempt);
create index executions_by_status on executions (status, requested_at desc, execution_id desc);
create index executions_by_task_and_status on executions (task_name, status, requested_at desc, execution_id desc);
create index executions_waiting on executions (priority desc, requested_at, execution_id) where status = 'QUEUED';
create index executions_to_come on executions (not_before) where status = 'QUEUED';
create index executions_claimed on executions (claimed_at) where status = 'QUEUED' and claimed_at is not null;
create index executions_by_schedule on executions (schedule_name, requested_at desc, execution_id desc) where schedule_name is not null;
create index executions_open_by_schedule on executions (schedule_name) where status in ('QUEUED', 'RUNNING');

-- The last of what a run wrote, in pieces; together at most 64 KB.
create table execution_output (
  execution_id uuid not null references executions on delete cascade,
  seq int not null,
  stream text not null check (stream in ('stdout', 'stderr')),
  text text not null,
  written_at timestamptz not null default clock_timestamp(),
  primary key (execution_id, seq)
);

-- What the attempts of a run leave for the next one.
create table checkpoints (
  run_id uuid primary key,
  value jsonb not null,
  saved_by uuid not null,
  saved_at timestamptz not null default clock_timestamp()
);

-- Changes of executions that are still to be published, written in the transaction of the change by the trigger below, so that no
-- statement can forget it. They wait here unencoded: a run of some milliseconds need not load schemas and a registry's answer for
-- three events. Whoever has a codec moves them to the outbox (changes.ts).
create table execution_changes (
  id bigint generated always as identity (cache 1) primary key,
  execution_id uuid not null,
  version int not null,
  task_name text not null,
  status text not null,
  trigger text not null,
  attempt int not null,
  started_at timestamptz,
  ended_at timestamptz,
  exit_code int,
  message text,
  parent_id uuid,
  changed_at timestamptz not null default clock_timestamp()
);

create function note_execution_change() returns trigger language plpgsql as $$
begin
  insert into execution_changes (execution_id, version, task_name, status, trigger, attempt, started_at, ended_at, exit_code, message, parent_id)
  values (new.execution_id, new.version, new.task_name, new.status, new.trigger, new.attempt, new.started_at, new.ended_at, new.exit_code, new.message, new.parent_id);
  perform pg_notify('tasks', case new.status when 'QUEUED' then 'queued' else 'changed' end);
  return null;
end $$;
create trigger execution_inserted after insert on executions for each row execute function note_execution_change();
create trigger execution_changed after update on executions for each row when (old.version is distinct from new.version)
  execute function note_execution_change();

create table schedules (
  name text primary key,
  task_name text not null,
  arguments jsonb not null default '{}',
  every_ms bigint check (every_ms >= 100),
  cron text,
  time_zone text,
  overlap text not null check (overlap in ('SKIP', 'QUEUE', 'ALLOW')),
  catch_up text not null check (catch_up in ('NONE', 'LAST', 'ALL')),
  catch_up_window_ms bigint not null,
  jitter_ms int not null,
  -- The due times of an interval are anchor + n * every.
  anchor_at timestamptz not null,
  paused_at timestamptz,
  paused_by text,
  pause_reason text,
  -- The first due time that has not been dealt with; null when there is none any more.
  next_due_at timestamptz,
  last_due_at timestamptz,
  -- Due times that passed without a run, as the catch-up policy wants it.
  missed bigint not null default 0,
  version int not null default 1,
  -- What the program itself asked for; it changes a schedule only as long as nobody else has.
  seeded jsonb,
  updated_at timestamptz not null,
  updated_by text not null,
  check ((every_ms is null) <> (cron is null)),
  check ((cron is null) = (time_zone is null))
);
create index schedules_due on schedules (next_due_at) where paused_at is null;

-- Who did what, when, and what it was before and after. Only ever added to.
create table task_audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  actor text not null,
  action text not null,
  -- schedule:NAME or execution:ID
  subject text not null,
  before jsonb,
  after jsonb,
  reason text
);
create index task_audit_by_subject on task_audit (subject, id desc);

-- Schedulers that are alive. While there is one, runs leave to it what else they would do themselves.
create table schedulers (
  scheduler_id text primary key,
  host text not null,
  pid int not null,
  started_at timestamptz not null default clock_timestamp(),
  seen_at timestamptz not null default clock_timestamp()
);
