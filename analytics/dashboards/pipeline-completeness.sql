-- title: Events in Kafka against events in ClickHouse
-- about: Offset by offset, over everything that Kafka holds and retention leaves. Missing and twice must be 0.
-- dashboard: Pipeline health
-- order: 400
-- chart: completeness
-- width: full
-- refresh: 10s
-- compare: no

WITH
  log AS (
    SELECT place.1 AS topic, place.2 AS partition, place.3 AS first, place.4 AS end
    FROM (
      SELECT arrayJoin(arrayZip(
        {kafka_topic:Array(String)}, {kafka_partition:Array(Int32)}, {kafka_first:Array(Int64)}, {kafka_end:Array(Int64)})) AS place
    )
  ),
  stored AS (
    SELECT topic, partition, count() AS rows, uniqExact(offset) AS different, min(offset) AS lowest, max(offset) + 1 AS next,
      countIf(type = 'DeadLetter') AS dead, max(ingested_at) AS newest
    FROM events GROUP BY topic, partition
  )
SELECT
  log.topic AS topic,
  sum(log.end - greatest(log.first, least(log.end, kept.first_offset))) AS in_kafka,
  sum(stored.different) AS in_clickhouse,
  sum(greatest(0, log.end - greatest(stored.next, kept.next_offset, log.first))) AS lag,
  sum(if(stored.rows = 0, 0, greatest(0, stored.next - greatest(kept.first_offset, least(log.first, stored.lowest)) - stored.different))) AS missing,
  sum(stored.rows - stored.different) AS twice,
  sum(stored.dead) AS dead_letters,
  max(stored.newest) AS newest_at
FROM log
LEFT JOIN stored ON stored.topic = log.topic AND stored.partition = log.partition
LEFT JOIN retention AS kept ON kept.topic = log.topic AND kept.partition = log.partition
GROUP BY topic
ORDER BY topic
