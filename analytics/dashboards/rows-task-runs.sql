-- title: Task runs
-- about: Ended in this time, the newest first.
-- chart: rows

SELECT
  argMax(ended_at, version) AS ended,
  any(task_name) AS task,
  argMax(status, version) AS status,
  argMax(attempt, version) AS attempt,
  argMax(exit_code, version) AS exit_code,
  argMax(message, version) AS message,
  execution_id
FROM task_execution_changed
GROUP BY execution_id
HAVING ended >= {from:DateTime64(3)} AND ended < {to:DateTime64(3)} AND ({status:String} = '' OR status = {status:String})
ORDER BY ended DESC, execution_id
LIMIT 1000
