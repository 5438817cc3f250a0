import type { ClickHouseClient } from '@clickhouse/client'
import { badRequest, type Problem, unprocessable } from '#pipelines/http/problems.ts'
import type { LogRange } from '../ingest/source.ts'
import { type AnsweredQuestion, answer, QuestionRefused } from '../queries/question.ts'
import type { Panel } from './panel.ts'

/** What a reader has chosen: the time, the width of its slots, and values of filters and rows by parameter name. */
export interface PanelAsk {
  /** ISO 8601. `from` belongs to it, `to` does not. */
  readonly from: string
  readonly to: string
  readonly stepSeconds: number
  /** IANA name; days begin by it. */
  readonly timezone: string
  readonly values: Readonly<Record<string, string>>
  /** Who asks. */
  readonly asker: string
}

/** More rows than this no page shows. */
const MOST_ROWS = 5_000
const LIMIT_MS = 20_000

/** ClickHouse's numbers for a value that does not fit its `{name:Type}`. */
const BAD_VALUE = new Set([6, 26, 27, 38, 41, 53, 70, 72, 376, 457])

/**
 * Asks a panel's question. Every value goes as a parameter, none as text; one that nobody chose is empty.
 * @throws Problem 400 `PARAMETER_INVALID`, 422 `PANEL_REFUSED` with what ClickHouse said of the file; Unavailable
 */
export async function askPanel(
  db: ClickHouseClient,
  panel: Panel,
  { from, to, stepSeconds, timezone, values, asker }: PanelAsk,
  ranges: () => Promise<readonly LogRange[]>,
  signal: AbortSignal,
): Promise<AnsweredQuestion & { parameters: Record<string, string | (string | number)[]> }> {
  const given: Record<string, string> = {
    ...values,
    from: plain(from),
    to: plain(to),
    step: String(stepSeconds),
    timezone,
  }
  const kafka = panel.parameters.some(({ name }) => name.startsWith('kafka_')) ? kafkaValues(await ranges()) : {}
  const parameters: Record<string, string | (string | number)[]> = {}
  for (const { name } of panel.parameters) parameters[name] = kafka[name] ?? given[name] ?? ''
  try {
    return {
      ...(await answer(db, { sql: panel.sql, parameters, maxRows: MOST_ROWS, timeoutMs: LIMIT_MS, asker }, signal)),
      parameters,
    }
  } catch (error) {
    throw error instanceof QuestionRefused ? refusal(panel, error) : error
  }
}

/** `DateTime64` parameters are read as UTC, as the columns are. */
function plain(time: string): string {
  return new Date(time).toISOString().replace('T', ' ').replace('Z', '')
}

function kafkaValues(ranges: readonly LogRange[]): Readonly<Record<string, (string | number)[]>> {
  return {
    kafka_topic: ranges.map(({ topic }) => topic),
    kafka_partition: ranges.map(({ partition }) => partition),
    kafka_first: ranges.map(({ first }) => first),
    kafka_end: ranges.map(({ end }) => end),
  }
}

function refusal(panel: Panel, { number, message }: QuestionRefused): Problem {
  if (BAD_VALUE.has(number)) return badRequest('PARAMETER_INVALID', message)
  return unprocessable('PANEL_REFUSED', `${panel.id}.sql: ${message}`)
}
