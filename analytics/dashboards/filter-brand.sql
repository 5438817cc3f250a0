-- title: Brand
-- chart: filter
-- order: 50
-- refresh: 1m

SELECT brand AS value, count() AS products
FROM (SELECT product_id, argMax(brand, price_version) AS brand FROM product_price_changed GROUP BY product_id)
GROUP BY brand ORDER BY brand
