-- title: Channel
-- chart: filter
-- order: 20
-- refresh: 1m

SELECT channel AS value, count() AS orders FROM orders WHERE channel != '' GROUP BY channel ORDER BY orders DESC, channel
