import { messageOf, UsageError } from '#pipelines/kernel/errors.ts'
import { deadLetter, done, type Handlers, ignored } from '#pipelines/stream/types.ts'
import type { Catalog } from '../catalog.ts'
import { enqueue } from '../executions/enqueue.ts'

/**
 * Starts tasks by message: each request id once, however often it is delivered. There is always room: what cannot run now is QUEUED.
 * Arguments that do not fit are not refused here: their run is on record as FAILED with the reason, where whoever asked looks for it.
 */
export function launchHandlers(catalog: Catalog): Handlers<'tasks'> {
  return {
    'task-launches': {
      async TaskLaunchRequested({ requestId, taskName, arguments: text, requestedBy }, { tx }) {
        if (!catalog.names.includes(taskName))
          return deadLetter(`there is no task of this name: there are ${catalog.names.join(', ')}`)
        const given = objectOf(text)
        if (!given) return deadLetter('the arguments are no JSON object')
        try {
          const policy = catalog.policyOf(taskName)
          const launch = { taskName, arguments: given, trigger: 'MESSAGE', requestedBy, requestId, policy } as const
          const { created } = await enqueue(tx, launch)
          return created ? done : ignored('this request is on record already')
        } catch (error) {
          // Not stored, and not repeated: they hold a card number or a token.
          if (error instanceof UsageError) return deadLetter(messageOf(error))
          throw error
        }
      },
    },
  }
}

function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
