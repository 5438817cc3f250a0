-- How often the answer of a reservation that is held for long was sent again, so that ordering says (again) what became of the order.
alter table reservations add column resends int not null default 0;
alter table reservations add column resent_at timestamptz;
