import { useEffect, useLayoutEffect, useState } from 'preact/hooks'
import type { PanelSet } from '../panels/panel.ts'
import { ApiError, askPanels } from './data/api.ts'
import { Dashboard } from './pages/dashboard.tsx'
import { OrderPage } from './pages/order.tsx'
import { Rows } from './pages/rows.tsx'
import { SignIn } from './pages/sign-in.tsx'
import { SqlPage } from './pages/sql.tsx'
import { Header, type Tab } from './parts/header.tsx'
import { Trouble } from './parts/trouble.tsx'
import { useKeys } from './parts/use-keys.ts'
import { readSession } from './state/session.ts'
import { go, useView } from './state/use-view.ts'
import { leadTo, slug, type View, writeView } from './state/view.ts'

/** The page: who is signed in, and which of its views the address asks for. */
export function App() {
  const [session, setSession] = useState(readSession())
  useLayoutEffect(() => {
    const changed = () => setSession(readSession())
    window.addEventListener('eshop-session', changed)
    return () => window.removeEventListener('eshop-session', changed)
  }, [])
  if (!session) return <SignIn />
  return <SignedIn />
}

function SignedIn() {
  const view = useView()
  const [set, setSet] = useState<PanelSet>()
  const [error, setError] = useState<ApiError>()
  const [asked, setAsked] = useState(0)
  // Dependencies: asked again on demand
  useEffect(() => {
    const abort = new AbortController()
    askPanels(abort.signal).then(
      (answer) => {
        setSet(answer)
        setError(undefined)
      },
      (cause: unknown) =>
        !abort.signal.aborted &&
        setError(cause instanceof ApiError ? cause : new ApiError(0, 'UNKNOWN', String(cause))),
    )
    return () => abort.abort()
  }, [asked])
  const names = [...new Set((set?.panels ?? []).flatMap(({ dashboard }) => dashboard ?? []))]
  const tabs: Tab[] = [...names.map((name) => tabOf(name, view)), { path: 'sql', title: 'SQL', href: '#sql' }]
  useKeys(
    Object.fromEntries([
      ...tabs
        .slice(0, 9)
        .map(({ path, href }, index) => [String(index + 1), () => path !== view.path && location.assign(href)]),
      ['e', () => go({ path: 'sql', params: {} })],
    ]),
  )
  const path = view.path === '' ? (tabs[0]?.path ?? '') : view.path
  return (
    <>
      <Header tabs={tabs} current={currentTab(path, view)} />
      {error && !set ? (
        <main id="main" tabIndex={-1}>
          <Trouble error={error} onRetry={() => setAsked(asked + 1)} />
        </main>
      ) : (
        set && <Page key={path.split('/')[0]} view={{ ...view, path }} set={set} names={names} />
      )}
    </>
  )
}

function Page({ view, set, names }: { view: View; set: PanelSet; names: readonly string[] }) {
  const [first, second = ''] = view.path.split('/')
  if (first === 'sql') return <SqlPage view={view} />
  if (first === 'order' && /^[0-9a-f-]{36}$/i.test(second)) return <OrderPage key={second} orderId={second} />
  const rows = first === 'rows' && set.panels.find(({ id, chart }) => id === second && chart === 'rows')
  if (rows) return <Rows key={second} panel={rows} view={view} />
  const name = names.find((one) => slug(one) === view.path)
  if (name) return <Dashboard key={name} name={name} panels={set.panels} faults={set.faults} view={view} />
  return (
    <main id="main" tabIndex={-1}>
      <p class="empty">
        <strong>There is no such page.</strong>{' '}
        {set.faults.length > 0 && `${set.faults.length} panel files are not valid. `}
        <a href="/">To the first page</a>
      </p>
    </main>
  )
}

/** Its address keeps the time and the refresh of where one comes from. */
function tabOf(name: string, view: View): Tab {
  return { path: slug(name), title: name, href: writeView(leadTo(view, slug(name))) }
}

function currentTab(path: string, view: View): string {
  return path.startsWith('rows/') ? (view.params.from ?? '') : path
}
