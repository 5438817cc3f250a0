-- title: Orders
-- about: Checked out in this time, the newest first.
-- chart: rows

SELECT
  order_id,
  status,
  checked_out_at,
  customer_id,
  total_minor,
  currency,
  item_count,
  payment_outcome,
  last_event_at
FROM orders_since(since = {from:DateTime64(3)})
WHERE checked_out_at >= {from:DateTime64(3)} AND checked_out_at < {to:DateTime64(3)}
  AND ({currency:String} = '' OR currency = {currency:String})
  AND ({channel:String} = '' OR channel = {channel:String})
  AND ({country:String} = '' OR country = {country:String})
  AND ({outcome:String} = '' OR {outcome:String} = multiIf(status IN ('Paid', 'Shipped'), 'Paid or shipped', status = 'Cancelled', 'Cancelled', 'In progress'))
  AND multiIf(
    {reached:String} = 'Submitted', submitted_at IS NOT NULL,
    {reached:String} = 'Grace period over', awaiting_validation_at IS NOT NULL,
    {reached:String} = 'Stock reserved', stock_confirmed_at IS NOT NULL,
    {reached:String} = 'Paid', paid_at IS NOT NULL,
    {reached:String} = 'Shipped', shipped_at IS NOT NULL,
    true)
ORDER BY checked_out_at DESC, order_id DESC
LIMIT 1000
