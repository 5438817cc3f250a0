import type { ClickHouseClient } from '@clickhouse/client'
import type { Clock } from '#pipelines/kernel/clock.ts'
import { SECOND } from '#pipelines/kernel/clock.ts'
import { CodedError } from '#pipelines/kernel/errors.ts'
import type { Log } from '#pipelines/kernel/log.ts'
import type { LogRange } from '../ingest/source.ts'
import { askPanel } from '../panels/ask.ts'
import type { PanelShelf } from '../panels/read.ts'
import type { Rule } from './rule.ts'
import { alertStates } from './states.ts'
import { type Alerts, watchAlerts } from './watch.ts'
import { post, type WebhookSettings } from './webhook.ts'

export interface AlertSettings {
  readonly rules: readonly Rule[]
  /** Told by rules without a webhook of their own; empty for none. */
  readonly webhook: string
  readonly calling: WebhookSettings
}

export interface AlertOutside {
  /** Keeps where alerts stand. */
  readonly store: ClickHouseClient
  readonly storeDatabase: string
  /** Asks panels. */
  readonly reader: ClickHouseClient
  readonly shelf: PanelShelf
  readonly ranges: () => Promise<readonly LogRange[]>
  readonly clock: Clock
  readonly log: Log
}

/** Slots of a chart's window: enough for a `max` to see a peak, few enough to be quick. */
const SLOTS = 30

export function startAlerts({ rules, webhook, calling }: AlertSettings, outside: AlertOutside): Alerts {
  const { store, storeDatabase, reader, shelf, ranges, clock, log } = outside
  const withWebhook = rules.map((rule) => ({ ...rule, webhook: rule.webhook ?? (webhook || undefined) }))
  return watchAlerts(withWebhook, {
    clock,
    log,
    states: alertStates(store, storeDatabase),
    async ask(rule, signal) {
      const panel = (await shelf.current()).panels.find(({ id }) => id === rule.panel)
      if (!panel) throw new CodedError('ALERT_PANEL_UNKNOWN', `there is no panel ${rule.panel}`)
      const to = clock.now()
      const ask = {
        from: new Date(to - rule.windowMs).toISOString(),
        to: new Date(to).toISOString(),
        stepSeconds: Math.max(1, Math.ceil(rule.windowMs / SLOTS / SECOND)),
        timezone: 'UTC',
        values: rule.values,
        asker: 'alerts',
      }
      return await askPanel(reader, panel, ask, ranges, signal)
    },
    async send(rule, notification) {
      if (rule.webhook) await post(rule.webhook, notification.key, notification, calling)
    },
  })
}
