-- Finished runs are deleted when they are old; each deletion asks whether a run has children.
create index executions_by_parent on executions (parent_id) where parent_id is not null;
