-- title: Events in Kafka against events in ClickHouse
-- about: Offset by offset, from the first record that Kafka still holds and retention leaves. Missing and twice must be 0.
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
  -- Where the comparison begins: both Kafka and the views may have all from there on.
  begun AS (
    SELECT log.topic AS topic, log.partition AS partition, log.end AS end,
      greatest(log.first, least(log.end, kept.first_offset)) AS begins, kept.first_offset AS kept_from, kept.next_offset AS kept_to
    FROM log
    LEFT JOIN retention AS kept ON kept.topic = log.topic AND kept.partition = log.partition
  ),
  stored AS (
    SELECT topic, partition, count() AS rows, uniqExact(offset) AS different, min(offset) AS lowest, max(offset) + 1 AS next,
      countIf(type = 'DeadLetter') AS dead, max(ingested_at) AS newest
    FROM events GROUP BY topic, partition
  ),
  -- What Kafka does not hold any more. Where every log is whole nothing is read.
  older AS (
    SELECT topic, partition, uniqExact(offset) AS different
    FROM events INNER JOIN begun USING (topic, partition)
    WHERE offset < begins AND (topic, partition) IN (SELECT topic, partition FROM begun WHERE begins > 0)
    GROUP BY topic, partition
  )
SELECT
  begun.topic AS topic,
  sum(begun.end - begun.begins) AS in_kafka,
  sum(stored.different - older.different) AS in_clickhouse,
  sum(greatest(0, begun.end - greatest(stored.next, begun.kept_to, begun.begins))) AS lag,
  sum(if(stored.rows = 0, 0, greatest(0, stored.next - begun.begins - (stored.different - older.different)))) AS missing,
  sum(stored.rows - stored.different) AS twice,
  sum(stored.dead) AS dead_letters,
  sum(older.different) AS older,
  sum(greatest(0, begun.begins - older.different -
    multiIf(begun.kept_to > 0, begun.kept_from, stored.rows > 0, least(stored.lowest, begun.begins), begun.begins))) AS gone_unread,
  max(stored.newest) AS newest_at
FROM begun
LEFT JOIN stored ON stored.topic = begun.topic AND stored.partition = begun.partition
LEFT JOIN older ON older.topic = begun.topic AND older.partition = begun.partition
GROUP BY topic
ORDER BY topic
