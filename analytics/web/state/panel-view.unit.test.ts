import { expect, it } from 'vitest'
import { readPanelView, withPanelView } from './panel-view.ts'
import { readView, type View, writeView } from './view.ts'

const view: View = { path: 'sales', params: { range: '1h' } }

it('stands in the address, panel by panel, and leaves no trace when it is as it was', () => {
  const orders = withPanelView(view, 'sales-orders', { asTable: false, off: ['Cancelled', 'a, "b"'] })
  const both = withPanelView(orders, 'sales-brands', { asTable: true, off: [] })
  const read = readView(writeView(both))
  expect(readPanelView(read, 'sales-orders')).toEqual({ asTable: false, off: ['Cancelled', 'a, "b"'] })
  expect(readPanelView(read, 'sales-brands')).toEqual({ asTable: true, off: [] })
  expect(readPanelView(read, 'sales-revenue')).toEqual({ asTable: false, off: [] })
  const back = ['sales-orders', 'sales-brands'].reduce(
    (now, id) => withPanelView(now, id, { asTable: false, off: [] }),
    read,
  )
  expect(back).toEqual(view)
})

it.each(['', 'x', '1', 'null', '[]', '{"sales-orders":7}'])('an address that says %s says nothing', (off) => {
  expect(readPanelView({ path: 'sales', params: { off } }, 'sales-orders')).toEqual({ asTable: false, off: [] })
})
