import type { Sql } from '#pipelines/kernel/database.ts'

export interface OutputPiece {
  /** Counts from 1; pieces that were dropped leave a gap. */
  readonly seq: number
  readonly stream: 'stdout' | 'stderr'
  readonly text: string
}

export interface NewOutput {
  readonly pieces: readonly OutputPiece[]
  /** Pieces before this one are no longer kept. */
  readonly keepFrom: number
  /** Bytes written in all, kept or not. */
  readonly total: number
}

/** Adds to what is kept of a run's output and drops what there is no room for any more. */
export async function appendOutput(
  sql: Sql,
  executionId: string,
  { pieces, keepFrom, total }: NewOutput,
): Promise<void> {
  const kept = pieces.filter(({ seq }) => seq >= keepFrom)
  await sql.query(
    `with counted as (update executions set output_bytes = $3 where execution_id = $1),
     dropped as (delete from execution_output where execution_id = $1 and seq < $2)
     insert into execution_output (execution_id, seq, stream, text)
     select $1, piece.seq, piece.stream, piece.text
     from json_to_recordset($4::json) as piece (seq int, stream text, text text)
     on conflict do nothing`,
    [executionId, keepFrom, total, JSON.stringify(kept)],
  )
}

/** The pieces after the given one, in their order. */
export async function readOutput(sql: Sql, executionId: string, after = 0): Promise<readonly OutputPiece[]> {
  return sql.query<OutputPiece & Record<string, unknown>>(
    'select seq, stream, text from execution_output where execution_id = $1 and seq > $2 order by seq',
    [executionId, after],
  )
}
