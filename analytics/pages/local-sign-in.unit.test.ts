import { expect, test } from 'vitest'
import { refuseInProduction } from './local-sign-in.ts'

test('signing in with one click is refused in production, and nowhere else', () => {
  const url = 'http://127.0.0.1:7100/token'
  expect(() => refuseInProduction(url, { NODE_ENV: 'production' })).toThrow(/LOCAL_SIGN_IN_URL lets anybody in/)
  expect(() => refuseInProduction(url, {})).not.toThrow()
  expect(() => refuseInProduction('', { NODE_ENV: 'production' })).not.toThrow()
})
