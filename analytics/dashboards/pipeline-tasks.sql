-- title: Task runs
-- about: Runs that ended in this time, by status.
-- empty: No task has run in this time.
-- dashboard: Pipeline health
-- order: 450
-- chart: columns
-- unit: count
-- width: half
-- refresh: 10s
-- drill: rows-task-runs status=status

SELECT
  $bucket(ended) AS time,
  status,
  count() AS runs
FROM (
  SELECT execution_id, argMax(status, version) AS status, argMax(ended_at, version) AS ended
  FROM task_execution_changed GROUP BY execution_id
)
WHERE ended >= {from:DateTime64(3)} AND ended < {to:DateTime64(3)}
GROUP BY time, status
ORDER BY time, status
