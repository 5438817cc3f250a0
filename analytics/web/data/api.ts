import type { PanelAnswer, PanelSet } from '../../panels/panel.ts'
import { keepSession, offersLocalSignIn, readSession, signInLocally } from '../state/session.ts'
import type { Span } from '../state/span.ts'

/** What the server refused, or that it does not answer. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  /** Where in an SQL statement it went wrong, counted from 0. */
  readonly offset: number | undefined
  constructor(status: number, code: string, message: string, offset?: number) {
    super(message)
    this.status = status
    this.code = code
    this.offset = offset
  }
}

interface Problem {
  readonly code?: string
  readonly detail?: string
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[]
  readonly position?: { readonly offset: number }
}

async function send(
  path: string,
  { body, signal }: { body?: unknown; signal?: AbortSignal | undefined },
): Promise<Response> {
  try {
    return await fetch(path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${readSession()?.token ?? ''}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    })
  } catch (cause) {
    if (signal?.aborted) throw cause
    throw new ApiError(0, 'UNREACHABLE', 'The server does not answer.')
  }
}

const MOST_TRIES = 4

/** A server that is too busy says when to come again; what comes then is the answer. */
async function patiently(
  path: string,
  options: { body?: unknown; signal?: AbortSignal | undefined },
): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const answer = await send(path, options)
    const seconds = Number(answer.headers.get('retry-after'))
    if (answer.status !== 503 || !(seconds > 0 && seconds <= 5) || attempt === MOST_TRIES) return answer
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000 * (0.75 + Math.random() / 2)))
    options.signal?.throwIfAborted()
  }
}

let renewing: Promise<void> | undefined

/** Asks the server. A token that ran out is renewed where one click gave it, once for all who find it so. @throws ApiError */
async function ask<T>(path: string, options: { body?: unknown; signal?: AbortSignal | undefined } = {}): Promise<T> {
  let answer = await patiently(path, options)
  if (answer.status === 401 && readSession()?.local && offersLocalSignIn()) {
    renewing ??= signInLocally().finally(() => {
      renewing = undefined
    })
    await renewing
    answer = await patiently(path, options)
  }
  if (answer.ok) return (await answer.json()) as T
  const problem = (await answer.json().catch(() => ({}))) as Problem
  if (answer.status === 401) keepSession(undefined)
  const detail = [
    problem.detail ?? `The server answered ${answer.status}.`,
    ...(problem.errors ?? []).map((one) => `${one.pointer} ${one.detail}`),
  ].join(' ')
  throw new ApiError(answer.status, problem.code ?? 'UNKNOWN', detail, problem.position?.offset)
}

export const timezone: string = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'

export function askPanels(signal?: AbortSignal): Promise<PanelSet> {
  return ask('/v1/analytics/panels', { signal })
}

export function askPanel(
  id: string,
  span: Span,
  values: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<PanelAnswer> {
  const { from, to, stepSeconds } = span
  const body = { from: new Date(from).toISOString(), to: new Date(to).toISOString(), stepSeconds, timezone, values }
  return ask(`/v1/analytics/panels/${id}`, { body, signal })
}

export type SqlAnswer = Omit<PanelAnswer, 'parameters'>

export function askSql(
  sql: string,
  parameters: Readonly<Record<string, unknown>>,
  maxRows: number,
  signal?: AbortSignal,
): Promise<SqlAnswer> {
  return ask('/v1/sql', { body: { sql, parameters, maxRows }, signal })
}

export interface OrderEvent {
  readonly type: string
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly occurredAt: string
  readonly recordedAt: string
  readonly ingestedAt: string
  readonly payload: Readonly<Record<string, unknown>>
}

interface Money {
  readonly amount: string
  readonly currency: string
}

export interface OrderLife {
  readonly orderId: string
  readonly status: string
  readonly customerId: string
  readonly total: Money | null
  readonly itemCount: number
  readonly unitCount: number
  readonly country: string | null
  readonly channel: string | null
  readonly times: Readonly<Record<string, string | null>>
  readonly payment: {
    readonly outcome: string
    readonly failReason: string | null
    readonly charged: Money | null
    readonly refunded: Money | null
  }
  readonly cancellation: { readonly reason: string; readonly from: string; readonly by: string } | null
}

export function askOrder(orderId: string, signal: AbortSignal): Promise<OrderLife> {
  return ask(`/v1/analytics/orders/${orderId}`, { signal })
}

export async function askOrderEvents(orderId: string, signal: AbortSignal): Promise<readonly OrderEvent[]> {
  return (await ask<{ items: readonly OrderEvent[] }>(`/v1/analytics/orders/${orderId}/events`, { signal })).items
}

/** An alert and where it stands. */
export interface Alert {
  readonly name: string
  readonly panel: string
  readonly phase: 'ok' | 'pending' | 'firing' | 'clearing'
  readonly since: string
  readonly value: number | null
  readonly unit: 'number' | 'ms' | 'money' | 'share' | 'bytes'
  readonly side: 'above' | 'below'
  readonly threshold: number
  readonly clearAt: number
  readonly problem: string | null
}

export async function askAlerts(signal: AbortSignal): Promise<readonly Alert[]> {
  return (await ask<{ items: readonly Alert[] }>('/v1/analytics/alerts', { signal })).items
}
