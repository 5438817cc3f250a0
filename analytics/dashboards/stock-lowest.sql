-- title: Least in stock
-- about: What is available now, the least first.
-- dashboard: Stock and prices
-- order: 320
-- chart: bars
-- unit: count
-- width: third
-- refresh: 10s
-- compare: no
-- drill: rows-stock-movements product=product_id

SELECT
  product.name AS product,
  stock.available AS available,
  stock.reserved AS reserved,
  stock.product_id AS product_id
FROM (
  SELECT product_id, argMax(available, stock_version) AS available, argMax(reserved, stock_version) AS reserved
  FROM product_stock_changed GROUP BY product_id
) AS stock
LEFT JOIN (
  SELECT product_id, argMax(name, price_version) AS name, argMax(brand, price_version) AS brand, argMax(category, price_version) AS category
  FROM product_price_changed GROUP BY product_id
) AS product USING product_id
WHERE ({brand:String} = '' OR product.brand = {brand:String})
  AND ({category:String} = '' OR product.category = {category:String})
ORDER BY available, product
LIMIT 10
