-- The greatest fencing token that each task has shown to this database.
create table task_fence_marks (task_name text primary key, token bigint not null);
