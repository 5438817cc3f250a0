import type { Panel } from '../../panels/panel.ts'
import type { Alert } from '../data/api.ts'
import { byUrgency } from '../data/use-alerts.ts'
import { formatMs } from '../format/number.ts'
import { formatTime } from '../format/time.ts'
import { formatKind } from '../format/value.ts'
import { leadTo, slug, type View, writeView } from '../state/view.ts'

const WORDS = { firing: 'Firing', pending: 'Pending', clearing: 'Clearing', ok: 'Well' } as const
const SIGNS = { firing: '▲', pending: '△', clearing: '▽', ok: '✓' } as const

interface Props {
  readonly alerts: readonly Alert[]
  readonly panels: readonly Panel[]
  readonly view: View
  readonly currency: string
}

/** Every alert that is not well, whichever page its panel stands on: what crossed what, since when, and the way there. */
export function Alerts({ alerts, panels, view, currency }: Props) {
  const shown = byUrgency(alerts).filter(({ phase, problem }) => phase !== 'ok' || problem !== null)
  return (
    <div role="status" aria-label="Alerts">
      <ul class="alerts">
        {shown.map((alert) => {
          const panel = panels.find(({ id }) => id === alert.panel)
          return (
            <li key={alert.name} class={`alert ${alert.phase}`} data-alert={alert.name}>
              <span class="phase">
                <span aria-hidden="true">{SIGNS[alert.phase]}</span> {WORDS[alert.phase]}
              </span>
              <strong>{titleOf(alert.name)}</strong>
              <span>
                {numberOf(alert, currency)}, fires {limitsOf(alert, currency)}
              </span>
              <Since alert={alert} />
              {panel?.dashboard && <a href={writeView(leadTo(view, slug(panel.dashboard)))}>{panel.title}</a>}
              {alert.problem && <span class="problem">could not be looked at: {alert.problem}</span>}
            </li>
          )
        })}
      </ul>
    </div>
  )
}

/** All of them, folded away at the end of a page. */
export function AllAlerts({ alerts, currency }: Pick<Props, 'alerts' | 'currency'>) {
  if (alerts.length === 0) return null
  const unwell = alerts.filter(({ phase }) => phase !== 'ok').length
  return (
    <details class="all-alerts">
      <summary>
        {alerts.length} alert{alerts.length === 1 ? '' : 's'} watched,{' '}
        {unwell === 0 ? 'all well' : `${unwell} not well`}
      </summary>
      <table>
        <thead>
          <tr>
            <th scope="col">Alert</th>
            <th scope="col">State</th>
            <th scope="col">Value</th>
            <th scope="col">Fires</th>
            <th scope="col">Since</th>
          </tr>
        </thead>
        <tbody>
          {byUrgency(alerts).map((alert) => (
            <tr key={alert.name}>
              <th scope="row">{titleOf(alert.name)}</th>
              <td>{WORDS[alert.phase]}</td>
              <td>{numberOf(alert, currency)}</td>
              <td>{limitsOf(alert, currency)}</td>
              <td>
                <Since alert={alert} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}

function Since({ alert: { since } }: { readonly alert: Alert }) {
  const at = Date.parse(since)
  return (
    <time dateTime={since} title={formatTime(at)}>
      for {formatMs(Math.max(0, Date.now() - at))}
    </time>
  )
}

function numberOf(alert: Alert, currency: string): string {
  return alert.value === null ? 'no number' : writtenBy(alert, alert.value, currency)
}

/** Between the two limits an alert stays what it is: a number that is not above the one may still be firing. */
function limitsOf(alert: Alert, currency: string): string {
  const { side, threshold, clearAt } = alert
  const fires = `${side} ${writtenBy(alert, threshold, currency)}`
  return clearAt === threshold ? fires : `${fires}, over at ${writtenBy(alert, clearAt, currency)}`
}

/** Money is only written as such where there is a currency to write it in. */
function writtenBy({ unit }: Alert, value: number, currency: string): string {
  return formatKind(unit === 'money' && currency === '' ? 'number' : unit, value, currency)
}

/** order-stands-still as Order stands still. */
function titleOf(name: string): string {
  const text = name.replaceAll('-', ' ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}
