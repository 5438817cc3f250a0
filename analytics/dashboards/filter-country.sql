-- title: Country
-- chart: filter
-- order: 30
-- refresh: 1m

SELECT country AS value, count() AS orders FROM orders WHERE country != '' GROUP BY country ORDER BY orders DESC, country LIMIT 250
