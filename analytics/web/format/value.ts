import type { Unit } from '../../panels/panel.ts'
import type { Column, Kind } from '../data/columns.ts'
import { labelOf } from './label.ts'
import { formatMoney } from './money.ts'
import { formatBytes, formatMs, formatNumber, formatPercent, formatShare } from './number.ts'
import { formatTime } from './time.ts'

/** Writes a number of a panel's unit. */
export function formatUnit(value: number, unit: Unit, currency: string): string {
  switch (unit) {
    case 'money':
      return formatMoney(value, currency)
    case 'percent':
      return formatPercent(value)
    case 'ms':
      return formatMs(value)
    case 'seconds':
      return formatMs(value * 1000)
    case 'bytes':
      return formatBytes(value)
    case 'per-second':
      return `${formatNumber(value)}/s`
    case 'count':
      return formatNumber(value)
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
  // A change has its sign: +0.6 % is not 0.6 %.
  if (kind === 'share') return formatShare(Number(value), /(^|_)change(_|$)/.test(name))
  return formatKind(kind, value as number | string, currency)
}

export function formatKind(kind: Kind, value: number | string, currency: string): string {
  switch (kind) {
    case 'money':
      return formatMoney(value, currency)
    case 'ms':
      return formatMs(Number(value))
    case 'share':
      return formatShare(Number(value))
    case 'bytes':
      return formatBytes(Number(value))
    default:
      return formatNumber(value)
  }
}
