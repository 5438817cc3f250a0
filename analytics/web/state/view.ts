/**
 * What the page shows, as it stands behind `#` in the address: a path (`sales`, `rows/rows-orders`, `order/<id>`, `sql`) and its parameters. It never reaches
 * a server, can be shared, and the browser's back button undoes each step.
 */
export interface View {
  readonly path: string
  readonly params: Readonly<Record<string, string>>
}

export function readView(hash: string): View {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2)
  return { path: safely(path), params: Object.fromEntries(new URLSearchParams(query)) }
}

export function writeView({ path, params }: View): string {
  const query = new URLSearchParams(Object.entries(params).filter(([, value]) => value !== '')).toString()
  return `#${encodeURI(path)}${query === '' ? '' : `?${query}`}`
}

function safely(text: string): string {
  try {
    return decodeURI(text)
  } catch {
    return text
  }
}

/** Parameters that belong to every dashboard, and go along from one to the next. */
const SHARED = ['range', 'refresh', 'compare'] as const

/** The view at another path that keeps time and refresh, and of the filters those it is given. */
export function leadTo(view: View, path: string, params: Readonly<Record<string, string>> = {}): View {
  const kept = Object.fromEntries(
    SHARED.flatMap((name) => (view.params[name] === undefined ? [] : [[name, view.params[name]]])),
  )
  return { path, params: { ...kept, ...params } as Record<string, string> }
}

/** The view with some parameters set; an empty one is taken away. */
export function withParams(view: View, params: Readonly<Record<string, string>>): View {
  return {
    path: view.path,
    params: Object.fromEntries(Object.entries({ ...view.params, ...params }).filter(([, value]) => value !== '')),
  }
}

/** The path of a page: Order flow as order-flow. */
export function slug(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, '-')
}
