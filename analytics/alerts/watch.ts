import type { Clock } from '#pipelines/kernel/clock.ts'
import { MINUTE } from '#pipelines/kernel/clock.ts'
import { CodedError, messageOf } from '#pipelines/kernel/errors.ts'
import { backoffMs, type Closable, pause } from '#pipelines/kernel/lifecycle.ts'
import type { Log } from '#pipelines/kernel/log.ts'
import type { AnsweredQuestion } from '../queries/question.ts'
import { type AlertState, decide, initialState, type Telling } from './decide.ts'
import type { Rule } from './rule.ts'
import type { AlertStates, StoredAlert } from './states.ts'
import { columnOf, numberOf } from './value.ts'

/** What a webhook is sent. `key` is the same for every attempt to tell the same thing. */
export interface Notification {
  readonly alert: string
  readonly state: 'firing' | 'resolved'
  /** For people, and for chats that show this field. */
  readonly text: string
  readonly panel: string
  readonly value: number | null
  readonly side: 'above' | 'below'
  readonly threshold: number
  readonly firedAt: string | null
  readonly at: string
  readonly key: string
}

export interface AlertsOutside {
  /** Asks the rule's panel for the time that ends now. */
  ask(rule: Rule, signal: AbortSignal): Promise<AnsweredQuestion>
  readonly states: AlertStates
  /** Tells the rule's webhook. */
  send(rule: Rule, notification: Notification): Promise<void>
  readonly clock: Clock
  readonly log: Log
}

export interface AlertView {
  readonly name: string
  readonly panel: string
  readonly phase: AlertState['phase']
  readonly since: number
  readonly value: number | undefined
  /** The column that the number comes of, which tells how it is written; undefined when it counts rows. */
  readonly column: string | undefined
  readonly side: Rule['side']
  readonly threshold: number
  readonly clearAt: number
  /** Why the panel could not be asked the last time. */
  readonly problem: string | undefined
}

export interface Alerts extends Closable {
  list(): readonly AlertView[]
}

/** Watches every rule by itself: a slow panel or a webhook that is away holds up no other. */
export function watchAlerts(rules: readonly Rule[], outside: AlertsOutside): Alerts {
  const closing = new AbortController()
  const watches = rules.map((rule) => watch(rule, outside, closing.signal))
  return {
    list: () => watches.map(({ view }) => view()),
    async close() {
      closing.abort()
      await Promise.all(watches.map(({ over }) => over))
    },
  }
}

/** A webhook that is away is tried again, less and less often, up to this. */
const LONGEST_PAUSE_MS = 5 * MINUTE

function watch(rule: Rule, { ask, states, send, clock, log }: AlertsOutside, signal: AbortSignal) {
  let alert: StoredAlert | undefined
  let problem: string | undefined
  let column = rule.column
  let failedSends = 0
  let nextSendAt = 0

  async function round() {
    alert ??= (await states.read()).get(rule.name) ?? {
      state: initialState(clock.now()),
      value: undefined,
      untold: undefined,
    }
    // 1. Decide, and store what has to be told with the decision. A crash after it tells on the next start.
    const answer = await ask(rule, signal)
    const value = numberOf(answer, rule)
    column = columnOf(answer, rule)
    const { state, tell } = decide(rule, alert.state, value, clock.now())
    const next: StoredAlert = { state, value, untold: tell ?? alert.untold }
    if (state !== alert.state || tell) {
      await states.save(rule.name, next)
      if (tell) {
        log.warn({ alert: rule.name, state: tell, value, threshold: rule.threshold }, 'alert')
        nextSendAt = 0
      }
    }
    alert = next
    // 2. Tell. A crash between telling and storing that it was told tells twice, with the same key.
    if (alert.untold && clock.now() >= nextSendAt) await tellOf(alert)
  }

  async function tellOf(told: StoredAlert & { readonly untold?: Telling | undefined }) {
    if (rule.webhook === undefined || told.untold === undefined) {
      alert = { ...told, untold: undefined }
      return
    }
    try {
      await send(rule, notificationOf(rule, told, told.untold, clock.now()))
      alert = { ...told, untold: undefined }
      await states.save(rule.name, alert)
      failedSends = 0
    } catch (err) {
      failedSends++
      nextSendAt = clock.now() + backoffMs(failedSends, { capMs: LONGEST_PAUSE_MS })
      log.warn({ err, alert: rule.name, attempt: failedSends }, 'the webhook of an alert could not be told')
    }
  }

  async function run() {
    while (!signal.aborted) {
      try {
        await round()
        problem = undefined
      } catch (err) {
        if (signal.aborted) return
        problem = err instanceof CodedError ? `${err.code}: ${messageOf(err)}` : messageOf(err)
        log.warn({ err, alert: rule.name }, 'an alert could not be looked at')
      }
      await pause(rule.everyMs, signal)
    }
  }

  return {
    over: run(),
    view: (): AlertView => ({
      name: rule.name,
      panel: rule.panel,
      phase: alert?.state.phase ?? 'ok',
      since: alert?.state.since ?? clock.now(),
      value: alert?.value,
      column,
      side: rule.side,
      threshold: rule.threshold,
      clearAt: rule.clearAt,
      problem,
    }),
  }
}

function notificationOf(rule: Rule, { state, value }: StoredAlert, telling: Telling, now: number): Notification {
  const resolved = telling === 'resolved'
  const shown = value === undefined ? 'no data' : String(value)
  const since = state.firedAt ?? state.since
  return {
    alert: rule.name,
    state: resolved ? 'resolved' : 'firing',
    text: `${telling.toUpperCase()}: ${rule.name} (${shown}, threshold ${rule.side} ${rule.threshold}, panel ${rule.panel})`,
    panel: rule.panel,
    value: value ?? null,
    side: rule.side,
    threshold: rule.threshold,
    firedAt: state.firedAt === undefined ? null : new Date(state.firedAt).toISOString(),
    at: new Date(now).toISOString(),
    key: `${rule.name}/${telling}/${since}/${state.toldAt ?? 0}`,
  }
}
