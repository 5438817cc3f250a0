import type { ReconcilerSettings } from '../reconciler/settings.ts'

/** Looks rarely: for tests that are about something else. */
export const PATIENT: ReconcilerSettings = {
  reconcileEveryMs: 60_000,
  redriveAfterMs: 60_000,
  redriveCapMs: 600_000,
  timeoutRedrives: 5,
  stuckAfterMs: 120_000,
}

/** Loses patience within a second. */
export const IMPATIENT: ReconcilerSettings = {
  reconcileEveryMs: 20,
  redriveAfterMs: 150,
  redriveCapMs: 150,
  timeoutRedrives: 2,
  stuckAfterMs: 100,
}
