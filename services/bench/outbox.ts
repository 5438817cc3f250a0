/**
 * How many events a second does the relay move from a table to the broker, with the order per key kept?
 *
 *     npm run bench:outbox -- [--events 40000] [--keys 500] [--rounds 3] [--own-parts]
 *
 * Each round measures all sides on the same machine, one after the other, each with a database and topics of its own. Uses the running test stack
 * if there is one and `--own-parts` is not given, else starts one.
 */
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { SLOTS } from '#pipelines/outbox/slots.ts'
import { sharedStack } from '#pipelines/testing/stack-file.ts'
import { type StackAddresses, startTestStack } from '#pipelines/testing/start-stack.ts'
import { type Ground, layGround, newKeys } from './outbox/ground.ts'
import { checkOrder } from './outbox/order-check.ts'
import { bareProducer, type Measured, oneByOne, relayBacklog, relayLive } from './outbox/sides.ts'

const GOAL = 5_000

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '40000' },
    keys: { type: 'string', default: '500' },
    rounds: { type: 'string', default: '3' },
    'own-parts': { type: 'boolean', default: false },
  },
})
const [events, keys, rounds] = [Number(values.events), Number(values.keys), Number(values.rounds)]
const baselineEvents = Math.min(events, 1_000) // it is slow

interface Round {
  readonly backlog: Measured
  readonly live: Measured
  readonly baseline: Measured
  readonly bare: Measured
}

async function onGround<T>(stack: StackAddresses, work: (ground: Ground) => Promise<T>): Promise<T> {
  const ground = await layGround(stack)
  try {
    return await work(ground)
  } finally {
    await ground.close()
  }
}

async function round(stack: StackAddresses): Promise<Round> {
  const { backlog, bare } = await onGround(stack, async (ground) => {
    await ground.fill(events, newKeys(keys))
    const backlog = await relayBacklog(ground, events)
    await assertOrder(ground, events)
    return { backlog, bare: await bareProducer(ground, events) }
  })
  const live = await onGround(stack, async (ground) => {
    const measured = await relayLive(ground, events, newKeys(keys))
    await assertOrder(ground, events)
    return measured
  })
  const baseline = await onGround(stack, async (ground) => {
    await ground.fill(baselineEvents, newKeys(keys))
    return oneByOne(ground, baselineEvents)
  })
  return { backlog, live, baseline, bare }
}

async function assertOrder(ground: Ground, expected: number): Promise<void> {
  const report = await checkOrder(ground.binder, expected)
  const isRight = report.events === expected && report.misplaced === 0
  print(
    `  order: ${report.events} events of ${report.keys} keys, ${report.misplaced} misplaced, ${report.repeated} repeated`,
  )
  if (isRight) return
  print(`  WRONG: ${expected} expected, each key in order`)
  process.exitCode = 1
}

const rate = ({ events: count, seconds }: Measured) => count / seconds
const median = (list: readonly number[]) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0
const print = (line: string) => process.stdout.write(`${line}\n`)

async function main(): Promise<void> {
  const shared = values['own-parts'] ? undefined : sharedStack()
  const stack = shared ?? (await startTestStack())
  try {
    print(
      `events ${events}, keys ${keys}, two topics of 6 partitions, ${SLOTS} slots, 128 rows a slot, rounds ${rounds}`,
    )
    print(
      `${cpus().length} cores, Node ${process.versions.node}; PostgreSQL, Kafka (acks=all, idempotent) and relay on this machine, fsync on`,
    )
    const all: Round[] = []
    for (let i = 1; i <= rounds; i++) {
      print(`round ${i}`)
      all.push(await round(stack))
    }
    const of = (side: keyof Round) => median(all.map((each) => rate(each[side])))
    const line = (name: string, value: number) =>
      print(`${name.padEnd(44)} ${Math.round(value).toLocaleString('en').padStart(9)} events/s`)
    print('')
    line('relay, from a backlog', of('backlog'))
    line('relay, beside 4 writers in the same process', of('live'))
    line('baseline: one row at a time', of('baseline'))
    line('ceiling: bare producer, no table', of('bare'))
    print('')
    print(
      `relay / baseline ${(of('backlog') / of('baseline')).toFixed(1)}, relay / ceiling ${(of('backlog') / of('bare')).toFixed(2)} (medians)`,
    )
    print(`goal ${GOAL.toLocaleString('en')} events/s: ${of('backlog') >= GOAL ? 'reached' : 'MISSED'}`)
  } finally {
    if ('close' in stack) await stack.close()
  }
}

await main()
