-- title: Category
-- chart: filter
-- order: 40
-- refresh: 1m

SELECT category AS value, count() AS products
FROM (SELECT product_id, argMax(category, price_version) AS category FROM product_price_changed GROUP BY product_id)
GROUP BY category ORDER BY category
