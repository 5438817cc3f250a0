import { expect, test } from 'vitest'
import { newId } from '#pipelines/kernel/ids.ts'
import { setSchedule } from '../schedules/change.ts'
import { eventually, runningScheduler } from '../testing/scheduler.ts'

const tasks = runningScheduler()
const { db, ended, ask } = tasks

test('support reads, operator acts, others do neither', async () => {
  for (const path of ['/v1/tasks', '/v1/executions', '/v1/schedules', '/v1/audit']) {
    expect((await tasks.service.call('GET', path, { as: 'support' })).status, path).toBe(200)
    expect((await tasks.service.call('GET', path, { as: 'customer' })).status, path).toBe(403)
    expect((await tasks.service.call('GET', path)).status, path).toBe(401)
  }
  const acts = [
    '/v1/schedules/often/resume',
    '/v1/schedules/often/run-now',
    `/v1/executions/${newId()}/cancel`,
    `/v1/executions/${newId()}/retry`,
  ]
  for (const path of acts) expect((await tasks.service.call('POST', path, { as: 'support' })).status, path).toBe(403)
  expect((await tasks.service.call('PUT', '/v1/schedules/often', { as: 'support', body: {} })).status).toBe(403)
  const { body } = await tasks.service.call('GET', '/openapi.json')
  expect(Object.keys(body.paths)).toEqual(
    expect.arrayContaining([
      '/v1/tasks/{name}/executions',
      '/v1/schedules/{name}/run-now',
      '/v1/executions/{id}/output/stream',
    ]),
  )
})

test('pages of executions are complete and disjoint', async () => {
  for (let count = 0; count < 9; count++) await ask('writes')
  const seen: string[] = []
  let cursor = ''
  do {
    const { body } = await tasks.service.call('GET', `/v1/executions?limit=7${cursor && `&cursor=${cursor}`}`, {
      as: 'support',
    })
    seen.push(...body.items.map(({ executionId }: { executionId: string }) => executionId))
    cursor = body.nextCursor ?? ''
  } while (cursor)
  const [row] = await db().query<{ count: number }>('select count(*)::int as count from executions')
  expect(new Set(seen).size).toBe(row?.count)
  expect(seen).toHaveLength(row?.count ?? 0)
  expect((await tasks.service.call('GET', '/v1/executions?cursor=nonsense', { as: 'support' })).status).toBe(400)
  const forged = Buffer.from(JSON.stringify({ requestedAt: 'xx', requestedAtUs: 1e300, executionId: newId() }))
  for (const query of [
    `cursor=${forged.toString('base64url')}`,
    'since=0114-10-29T13:17:52-17:46',
    'since=2016-12-31T23:59:60Z',
  ])
    expect((await tasks.service.call('GET', `/v1/executions?${query}`, { as: 'support' })).status).toBeLessThan(500)
})

test('no number is too great for an answer', async () => {
  const executionId = await ask('writes')
  await ended(executionId)
  for (const after of [2_147_483_648, Number.MAX_SAFE_INTEGER + 1]) {
    const { status } = await tasks.service.call('GET', `/v1/executions/${executionId}/output?after=${after}`, {
      as: 'support',
    })
    expect(status).toBe(400)
  }
})

test('a parent that does not exist is refused', async () => {
  const call = { as: 'operator', body: { parentId: newId() } } as const
  const { status, body } = await tasks.service.call('POST', '/v1/tasks/writes/executions', call)
  expect({ status, code: body.code }).toEqual({ status: 422, code: 'PARENT_UNKNOWN' })
})

test('a schedule is made, changed by whoever has seen its version, and each change is on record', async () => {
  const put = (body: object, headers = {}) =>
    tasks.service.call('PUT', '/v1/schedules/nightly?reason=why+not', { as: 'operator', sub: 'olga', body, headers })
  const body = { taskName: 'writes', cron: '30 2 * * *', timeZone: 'Europe/Berlin' }
  const made = await put(body)
  expect(made).toMatchObject({
    status: 200,
    body: { overlap: 'SKIP', catchUp: 'LAST', version: 1, next: expect.any(Array) },
  })
  expect((await put(body)).status).toBe(428)
  expect((await put({ ...body, cron: '0 3 * * *' }, { 'if-match': '"7"' })).status).toBe(412)
  expect((await put({ ...body, cron: '0 3 * * *' }, { 'if-match': made.headers.get('etag') ?? '' })).status).toBe(200)
  expect((await put({ ...body, cron: 'often' }, { 'if-match': '"2"' })).body.code).toBe('SCHEDULE_INVALID')
  expect((await put({ ...body, taskName: 'no-such-task' })).body.code).toBe('TASK_UNKNOWN')
  const next = await tasks.service.call('GET', '/v1/schedules/nightly/next?count=2&from=2026-03-28T12:00:00Z', {
    as: 'support',
  })
  expect(next.body.items).toEqual(['2026-03-29T01:00:00.000Z', '2026-03-30T01:00:00.000Z'])
  const { body: audit } = await tasks.service.call('GET', '/v1/audit?subject=schedule:nightly', { as: 'support' })
  expect(audit.items).toMatchObject([
    {
      actor: 'olga',
      action: 'schedule.set',
      reason: 'why not',
      before: { cron: '30 2 * * *' },
      after: { cron: '0 3 * * *' },
    },
    { actor: 'olga', action: 'schedule.create', before: null, after: { timeZone: 'Europe/Berlin' } },
  ])
  expect((await tasks.service.call('DELETE', '/v1/schedules/nightly', { as: 'operator' })).status).toBe(204)
  expect((await tasks.service.call('GET', '/v1/schedules/nightly', { as: 'support' })).status).toBe(404)
})

test('the same request id is answered with the same execution; wrong arguments are refused', async () => {
  const requestId = newId()
  expect(await ask('writes', { requestId })).toBe(await ask('writes', { requestId }))
  const wrong = await tasks.service.call('POST', '/v1/tasks/writes/executions', {
    as: 'operator',
    body: { arguments: { lines: 'x' } },
  })
  expect(wrong).toMatchObject({ status: 422, body: { code: 'TASK_ARGUMENTS_INVALID' } })
  expect(
    (await tasks.service.call('POST', '/v1/tasks/no-such-task/executions', { as: 'operator', body: {} })).status,
  ).toBe(404)
})

test('the output of a run can be followed while it runs', async () => {
  const executionId = await ask('writes', { arguments: { lines: 4, waitMs: 400 } })
  const token = await tasks.service.issuer.bearer('support')
  const response = await fetch(`${tasks.service.url}/v1/executions/${executionId}/output/stream`, {
    headers: { ...token },
  })
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  let text = ''
  let before = 0 // pieces that came before its end
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += Buffer.from(chunk).toString()
    if (!text.includes('event: end')) before = text.split('event: output').length - 1
  }
  expect(before).toBeGreaterThanOrEqual(1)
  expect(text).toMatch(/line 1 [\s\S]*line 4 [\s\S]*\[payment-token\][\s\S]*event: end[\s\S]*"SUCCEEDED"/)
  const { body } = await tasks.service.call('GET', `/v1/executions/${executionId}/output`, { as: 'support' })
  expect(body).toMatchObject({ status: 'SUCCEEDED', exitCode: 0 })
})

test('metrics name tasks and statuses, and no execution', async () => {
  await setSchedule(db(), { name: 'often', taskName: 'writes', everyMs: 300, overlap: 'SKIP' }, { actor: 'test' })
  const body = await eventually(async () => {
    const { body: text } = await tasks.service.call('GET', '/metrics')
    return /schedule_due_times_total\{outcome="fired"\} [1-9]/.test(text) && (text as string)
  })
  expect(body).toMatch(/task_executions_total\{task="writes",status="SUCCEEDED"\} [1-9]/)
  expect(body).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/)
})
