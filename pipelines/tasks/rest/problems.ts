import { conflict, notFound, type Problem, unprocessable } from '#pipelines/http/problems.ts'
import { CodedError } from '#pipelines/kernel/errors.ts'

const NOT_FOUND = new Set(['EXECUTION_UNKNOWN', 'SCHEDULE_UNKNOWN', 'TASK_UNKNOWN'])
const CONFLICT = new Set(['EXECUTION_ENDED', 'EXECUTION_NOT_ENDED', 'SCHEDULE_OF_PROGRAM'])
const UNPROCESSABLE = new Set(['PARENT_UNKNOWN', 'SCHEDULE_INVALID', 'TASK_ARGUMENTS_INVALID', 'TASK_ARGUMENTS_SECRET'])

/** How what tasks and schedules throw is answered. Their messages are made for whoever asked. */
export function tasksProblemOf(error: unknown): Problem | undefined {
  if (!(error instanceof CodedError)) return undefined
  const { code, message } = error
  if (NOT_FOUND.has(code)) return notFound(code, message)
  if (CONFLICT.has(code)) return conflict(code, message)
  if (UNPROCESSABLE.has(code)) return unprocessable(code, message)
  return undefined
}
