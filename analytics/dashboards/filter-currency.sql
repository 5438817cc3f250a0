-- title: Currency
-- chart: filter
-- required: yes
-- order: 10
-- refresh: 1m

SELECT currency AS value, count() AS orders FROM orders WHERE currency != '' GROUP BY currency ORDER BY orders DESC, currency
