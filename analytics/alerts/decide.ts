import type { Rule } from './rule.ts'

/**
 * Where an alert stands. *pending*: crossed, not yet long enough; *clearing*: back, not yet long enough. Times are milliseconds since 1970.
 */
export interface AlertState {
  readonly phase: 'ok' | 'pending' | 'firing' | 'clearing'
  /** Since when it is in this phase. */
  readonly since: number
  /** When it began to fire, while it fires or clears. */
  readonly firedAt: number | undefined
  /** When somebody was last told. */
  readonly toldAt: number | undefined
}

export type Telling = 'firing' | 'still firing' | 'resolved'

export interface Decision {
  readonly state: AlertState
  /** What somebody has to be told now. */
  readonly tell: Telling | undefined
}

export function initialState(now: number): AlertState {
  return { phase: 'ok', since: now, firedAt: undefined, toldAt: undefined }
}

type Threshold = Pick<Rule, 'side' | 'threshold' | 'clearAt' | 'forMs' | 'clearForMs' | 'repeatMs' | 'noData'>

/** What a number means: beyond the threshold, back at `clearAt`, or between the two, where everything stays as it is. */
function meaning(rule: Threshold, value: number | undefined): 'crossed' | 'between' | 'cleared' | 'unknown' {
  if (value === undefined) return rule.noData === 'keep' ? 'unknown' : rule.noData === 'fire' ? 'crossed' : 'cleared'
  const sign = rule.side === 'above' ? 1 : -1
  if (sign * value > sign * rule.threshold) return 'crossed'
  return sign * value <= sign * rule.clearAt ? 'cleared' : 'between'
}

/** Moves an alert on by one number; `undefined` when the panel answered none. */
export function decide(rule: Threshold, state: AlertState, value: number | undefined, now: number): Decision {
  const seen = meaning(rule, value)
  if (seen === 'unknown') return { state, tell: undefined }
  switch (state.phase) {
    case 'ok':
      if (seen !== 'crossed') return { state, tell: undefined }
      return rule.forMs > 0 ? moved(state, 'pending', now) : fired(now)
    case 'pending':
      if (seen !== 'crossed') return moved(state, 'ok', now)
      return now - state.since >= rule.forMs ? fired(now) : { state, tell: undefined }
    case 'firing':
      if (seen === 'cleared') return rule.clearForMs > 0 ? moved(state, 'clearing', now) : resolved(now)
      if (now - (state.toldAt ?? 0) < rule.repeatMs) return { state, tell: undefined }
      return { state: { ...state, toldAt: now }, tell: 'still firing' }
    case 'clearing':
      if (seen !== 'cleared') return moved(state, 'firing', now)
      return now - state.since >= rule.clearForMs ? resolved(now) : { state, tell: undefined }
  }
}

function moved(state: AlertState, phase: AlertState['phase'], now: number): Decision {
  return { state: { ...state, phase, since: now }, tell: undefined }
}

function fired(now: number): Decision {
  return { state: { phase: 'firing', since: now, firedAt: now, toldAt: now }, tell: 'firing' }
}

function resolved(now: number): Decision {
  return { state: { phase: 'ok', since: now, firedAt: undefined, toldAt: now }, tell: 'resolved' }
}
