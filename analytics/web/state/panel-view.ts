import { type View, withParams } from './view.ts'

/** How a reader looks at one panel: it stands in the address with the rest, so a link shows the same, and the way back from its rows leads to it. */
export interface PanelView {
  readonly asTable: boolean
  /** Names of series that are switched off. */
  readonly off: readonly string[]
}

/** `table=sales-orders,sales-brands&off={"sales-orders":["Cancelled"]}`. What cannot be read is nothing. */
export function readPanelView({ params }: View, id: string): PanelView {
  return { asTable: tablesOf(params.table).includes(id), off: offOf(params.off)[id] ?? [] }
}

export function withPanelView(view: View, id: string, { asTable, off }: PanelView): View {
  const tables = tablesOf(view.params.table).filter((one) => one !== id)
  const { [id]: _, ...others } = offOf(view.params.off)
  const offs = off.length > 0 ? { ...others, [id]: off } : others
  return withParams(view, {
    table: (asTable ? [...tables, id] : tables).join(','),
    off: Object.keys(offs).length > 0 ? JSON.stringify(offs) : '',
  })
}

function tablesOf(text = ''): readonly string[] {
  return text.split(',').filter((id) => id !== '')
}

function offOf(text = '{}'): Readonly<Record<string, readonly string[]>> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return {}
    return Object.fromEntries(
      Object.entries(value).flatMap(([id, names]) => (Array.isArray(names) ? [[id, names.map(String)]] : [])),
    )
  } catch {
    return {}
  }
}
