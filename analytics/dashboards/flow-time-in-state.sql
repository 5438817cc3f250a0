-- title: Time in each state
-- about: Of orders that left the state in this time.
-- dashboard: Order flow
-- order: 240
-- chart: quantiles
-- unit: ms
-- width: half
-- refresh: 10s

SELECT
  stay.1 AS state,
  quantileExact(0.5)(dateDiff('millisecond', assumeNotNull(stay.2), assumeNotNull(stay.3))) AS p50_ms,
  quantileExact(0.95)(dateDiff('millisecond', assumeNotNull(stay.2), assumeNotNull(stay.3))) AS p95_ms,
  quantileExact(0.99)(dateDiff('millisecond', assumeNotNull(stay.2), assumeNotNull(stay.3))) AS p99_ms,
  count() AS orders
FROM (
  SELECT arrayJoin([
    ('Checked out', checked_out_at, submitted_at),
    ('Submitted', submitted_at, awaiting_validation_at),
    ('Awaiting validation', awaiting_validation_at, stock_confirmed_at),
    ('Stock confirmed', stock_confirmed_at, paid_at),
    ('Paid', paid_at, shipped_at)
  ]) AS stay
  FROM orders_since(since = {from:DateTime64(3)})
  WHERE ({channel:String} = '' OR channel = {channel:String})
    AND ({country:String} = '' OR country = {country:String})
)
WHERE stay.2 IS NOT NULL AND stay.3 >= {from:DateTime64(3)} AND stay.3 < {to:DateTime64(3)}
GROUP BY state
ORDER BY indexOf(['Checked out', 'Submitted', 'Awaiting validation', 'Stock confirmed', 'Paid'], state)
