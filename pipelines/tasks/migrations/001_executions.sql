-- One row per run of a task, written before the task's code is loaded.
create table executions (
  execution_id uuid primary key,
  task_name text not null,
  status text not null
    check (status in ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED', 'TIMED_OUT', 'LOST', 'SKIPPED')),
  -- Counts the changes of this row, from 1.
  version int not null default 1,
  trigger text not null check (trigger in ('SCHEDULE', 'MESSAGE', 'MANUAL', 'PARENT')),
  attempt int not null default 1,
  parent_id uuid references executions,
  arguments jsonb not null,
  result jsonb,
  exit_code int,
  message text,
  -- Name, message, stack and causes of what ended the run.
  error text,
  requested_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz,
  -- The run promises a sign of life every heartbeat_ms; two missed ones make it LOST.
  heartbeat_at timestamptz,
  heartbeat_ms int not null,
  host text,
  pid int
);

create index executions_recent on executions (requested_at desc, execution_id desc);
create index executions_by_task on executions (task_name, requested_at desc, execution_id desc);
create index executions_running on executions (heartbeat_at) where status = 'RUNNING';
