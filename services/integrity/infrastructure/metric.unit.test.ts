import { expect, test } from 'vitest'
import { sumOf } from './metric.ts'

const TEXT = `# HELP answers_total Answers
# TYPE answers_total counter
answers_total{route="/a",status="503"} 2
answers_total{route="/b",status="503"} 3
answers_total{route="/b",status="200"} 7
answers 11`

test('samples of a name are summed, of those labels only', () => {
  expect(sumOf(TEXT, 'answers_total', { status: '503' })).toBe(5)
  expect(sumOf(TEXT, 'answers_total', { route: '/b', status: '503' })).toBe(3)
  expect(sumOf(TEXT, 'answers')).toBe(11)
  expect(sumOf(TEXT, 'answers_total', { status: '418' })).toBe(0)
})
