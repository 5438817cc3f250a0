import Type from 'typebox'
import { SECOND } from '#pipelines/kernel/clock.ts'
import { messageOf } from '#pipelines/kernel/errors.ts'
import type { Dependencies, HttpApp } from './types.ts'

const CHECK_LIMIT_MS = 2 * SECOND

const Readiness = Type.Object({
  ready: Type.Boolean(),
  dependencies: Type.Record(
    Type.String(),
    Type.Object({ ready: Type.Boolean(), reason: Type.Optional(Type.String()) }),
  ),
})

/**
 * `/health/live`: the process answers. `/health/ready`: it can do its work; each dependency is named, and while one is away, or the
 * process drains before its end, the answer is 503.
 */
export function addHealth(app: HttpApp, dependencies: Dependencies, draining: () => boolean): void {
  const config = { access: 'public', shed: false } as const
  app.get(
    '/health/live',
    { config, schema: { tags: ['health'], response: { 200: Type.Object({ live: Type.Boolean() }) } } },
    async () => ({ live: true }),
  )
  app.get(
    '/health/ready',
    { config, schema: { tags: ['health'], response: { 200: Readiness, 503: Readiness } } },
    async (_request, reply) => {
      const states = await Promise.all(
        Object.entries(dependencies).map(async ([name, check]) => [name, await probe(check)] as const),
      )
      const ready = !draining() && states.every(([, state]) => state.ready)
      return reply
        .code(ready ? 200 : 503)
        .header('cache-control', 'no-store')
        .send({ ready, dependencies: Object.fromEntries(states) })
    },
  )
}

async function probe(check: () => Promise<unknown>): Promise<{ ready: boolean; reason?: string }> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<{ ready: boolean; reason: string }>((resolve) => {
    timer = setTimeout(() => resolve({ ready: false, reason: `no answer within ${CHECK_LIMIT_MS} ms` }), CHECK_LIMIT_MS)
  })
  try {
    return await Promise.race([check().then(() => ({ ready: true })), late])
  } catch (error) {
    return { ready: false, reason: messageOf(error) }
  } finally {
    clearTimeout(timer)
  }
}
