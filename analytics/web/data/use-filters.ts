import type { Panel } from '../../panels/panel.ts'
import type { FilterState } from '../parts/filters.tsx'
import type { Span } from '../state/span.ts'
import type { View } from '../state/view.ts'
import { useAnswer } from './use-answer.ts'
import type { Ticker } from './use-ticker.ts'

export interface Filtered {
  readonly filters: readonly FilterState[]
  /** Chosen values by parameter; of a required filter its first one when none is chosen. */
  readonly values: Readonly<Record<string, string>>
  /** False while a required filter has no value yet. */
  readonly ready: boolean
}

export function filterName(id: string): string {
  return id.replace(/^filter-/, '').replaceAll('-', '_')
}

/**
 * The filters that some of these panels listen to, and what is chosen. All filters are asked in a fixed order, so the number of hooks is always the same while
 * the page's files are.
 */
export function useFilters(
  all: readonly Panel[],
  listening: readonly Panel[],
  view: View,
  time: { range: string; span: Span; ticker: Ticker },
): Filtered {
  const wanted = new Set(listening.flatMap((panel) => panel.parameters.map(({ name }) => name)))
  const filters = all
    .filter(({ chart }) => chart === 'filter')
    .map((panel) => {
      const name = filterName(panel.id)
      const used = wanted.has(name)
      const { answer, error } = useAnswer(panel, { ...time, values: {}, compare: false, ready: used })
      const first = panel.required ? String(answer?.rows[0]?.[0] ?? '') : ''
      return {
        panel,
        name,
        used,
        value: view.params[name] ?? first,
        answer,
        settled:
          !used || !panel.required || view.params[name] !== undefined || answer !== undefined || error !== undefined,
      }
    })
  const used = filters.filter((one) => one.used)
  return {
    filters: used,
    values: Object.fromEntries(used.map(({ name, value }) => [name, value])),
    ready: filters.every(({ settled }) => settled),
  }
}
