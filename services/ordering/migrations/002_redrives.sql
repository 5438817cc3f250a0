-- Each time an order's last step was sent again because somebody was silent: what the reconciler counts by, and who did it.
create table order_redrives (
  order_id uuid not null references orders,
  -- The step that was sent again. A new step begins to count anew.
  version int not null,
  -- 1 is the first time it was sent again; the event says `attempt` 2.
  redrive int not null,
  redriven_at timestamptz not null default clock_timestamp(),
  -- Not again by the reconciler before.
  next_at timestamptz not null,
  -- 'reconciler', or the subject of the operator.
  by text not null,
  primary key (order_id, version, redrive)
);
