-- How often our answer was sent again, as ordering's word of the outcome is missing.
alter table payments add column resends int not null default 0;
alter table payments add column resent_at timestamptz;

-- Captured, and ordering's Paid (or Cancelled, which makes it REFUNDING) not seen: empty but for what is under way.
create index payments_unseen on payments (answered_at) where status = 'SUCCEEDED' and not outcome_seen;
