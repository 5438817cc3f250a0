import type { Unit } from '../../panels/panel.ts'
import type { Column, Kind } from '../data/columns.ts'
import { labelOf } from './label.ts'
import { formatMoney, formatMoneyShort } from './money.ts'
import { formatBytes, formatMs, formatNumber, formatPercent, formatShort } from './number.ts'
import { formatTime } from './time.ts'

/** Writes a number of a panel's unit; `short` for axes. */
export function formatUnit(value: number, unit: Unit, currency: string, short = false): string {
  switch (unit) {
    case 'money':
      return short ? formatMoneyShort(value, currency) : formatMoney(value, currency)
    case 'percent':
      return formatPercent(value)
    case 'ms':
      return formatMs(value)
    case 'seconds':
      return formatMs(value * 1000)
    case 'bytes':
      return formatBytes(value)
    case 'per-second':
      return `${short ? formatShort(value) : formatNumber(value)}/s`
    case 'count':
      return short ? formatShort(value) : formatNumber(value)
  }
}

/** Writes a cell of a table. `currency` is the row's own where it has one. */
export function formatCell({ name, kind }: Pick<Column, 'name' | 'kind'>, value: unknown, currency: string): string {
  if (value === null || value === undefined || value === '') return '–'
  if (typeof value === 'object') return JSON.stringify(value)
  if (kind === 'text' || kind === 'order') return labelOf(name, value)
  if (kind === 'time') {
    const ms = Date.parse(String(value))
    return Number.isNaN(ms) ? String(value) : formatTime(ms)
  }
  return formatKind(kind, value as number | string, currency)
}

export function formatKind(kind: Kind, value: number | string, currency: string): string {
  switch (kind) {
    case 'money':
      return formatMoney(value, currency)
    case 'ms':
      return formatMs(Number(value))
    case 'share':
      return formatPercent(Number(value))
    case 'bytes':
      return formatBytes(Number(value))
    default:
      return formatNumber(value)
  }
}
