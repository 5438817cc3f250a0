import fc from 'fast-check'
import { expect, it } from 'vitest'
import { leadTo, readView, withParams, writeView } from './view.ts'

it('what is written into the address is read back, whatever it holds', () => {
  const params = fc.dictionary(
    fc.stringMatching(/^[a-z_]{1,10}$/),
    fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => text.isWellFormed()),
  )
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z0-9/-]{1,30}$/), params, (path, given) => {
      expect(readView(writeView({ path, params: given }))).toEqual({ path, params: { ...given } })
    }),
  )
})

it('an address that cannot be decoded is no error', () => {
  expect(readView('#%E0%A4%A')).toEqual({ path: '%E0%A4%A', params: {} })
  expect(readView('')).toEqual({ path: '', params: {} })
})

it('time and refresh go along to another page, filters do not', () => {
  const view = { path: 'sales', params: { range: '6h', refresh: '5', brand: 'Acme' } }
  expect(leadTo(view, 'order-flow')).toEqual({ path: 'order-flow', params: { range: '6h', refresh: '5' } })
  expect(leadTo(view, 'rows/rows-orders', { status: 'Paid', range: '1h' }).params).toEqual({
    range: '1h',
    refresh: '5',
    status: 'Paid',
  })
})

it('an empty parameter is taken away', () => {
  expect(withParams({ path: 'a', params: { brand: 'Acme', range: '1h' } }, { brand: '' })).toEqual({
    path: 'a',
    params: { range: '1h' },
  })
})
