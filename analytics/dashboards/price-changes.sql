-- title: Price changes
-- about: In this time, the newest first.
-- empty: No price changed in this time.
-- dashboard: Stock and prices
-- order: 340
-- chart: table
-- width: half
-- refresh: 10s
-- compare: no

SELECT
  occurred_at AS changed_at,
  name AS product,
  old_price_minor,
  new_price_minor,
  currency,
  if(old_price_minor > 0, new_price_minor / old_price_minor - 1, NULL) AS change_share
FROM product_price_changed
WHERE occurred_at >= {from:DateTime64(3)} AND occurred_at < {to:DateTime64(3)}
  AND old_price_minor IS NOT NULL
  AND ({brand:String} = '' OR brand = {brand:String})
  AND ({category:String} = '' OR category = {category:String})
ORDER BY changed_at DESC, product
LIMIT 100
