/**
 * How much CPU does it take to land all events, and to join them per order, against ClickHouse's own Kafka engine?
 *
 *     npm run bench:analytics -- [--orders 60000] [--rounds 5] [--spread 10000] [--sides ours,peer] [--no-join] [--flush-rows 240000]
 *
 * Both sides read the same topics of the same broker into the same tables of the same ClickHouse build, one after the other, each into a
 * server of its own. Counted: CPU of everything but the broker and the generator, until merges have ended. A side whose result is wrong
 * gets no figure.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { closer } from '#pipelines/kernel/lifecycle.ts'
import { createLeash } from '#pipelines/local/process/leash.ts'
import { startTestStack } from '#pipelines/testing/start-stack.ts'
import { measuredOf, nameOf, readBaseline, worseThan, writeBaseline } from './measure/baseline.ts'
import { printed } from './measure/report.ts'
import { runSide, type SideName, type SideResult } from './measure/run-side.ts'
import { layWorkload } from './traffic/lay.ts'
import { sendLive } from './traffic/live.ts'
import { rawProducer } from './traffic/raw-producer.ts'

const { values } = parseArgs({
  options: {
    orders: { type: 'string', default: '60000' },
    rounds: { type: 'string', default: '5' },
    spread: { type: 'string', default: '0' },
    sides: { type: 'string', default: 'ours,peer' },
    join: { type: 'boolean', default: true },
    'flush-rows': { type: 'string', default: '240000' },
    source: { type: 'string', default: 'fetch' },
    out: { type: 'string' },
    baseline: { type: 'string' },
    against: { type: 'string' },
    tolerance: { type: 'string', default: '0.3' },
    kills: { type: 'string', default: '0' },
    live: { type: 'string', default: '0' },
    rate: { type: 'string', default: '5000' },
  },
  allowNegative: true,
})
const [orders, rounds, spread] = [Number(values.orders), Number(values.rounds), Number(values.spread)]

const open = closer()
try {
  const stack = open.add(await startTestStack())
  const producer = open.add(await rawProducer(stack.kafkaBrokers))
  const live = Number(values.live)
  const leash = open.add(createLeash())
  // All data stays until the end: ext4 makes new files the slower the more were deleted within half a minute, so whoever came second would pay for
  // the first one's parts.
  const kept = await mkdtemp(join(tmpdir(), 'eshop-bench-'))
  leash.holdDirectory(kept)
  open.add({ close: () => rm(kept, { recursive: true, force: true }) })
  // What is sent live stays in the topics: then each run has its own.
  const once = live > 0 ? undefined : await layWorkload(stack, producer, { orders, spread })
  const results: SideResult[] = []
  for (let round = 0; round < rounds; round++) {
    // The order changes from round to round: whoever comes second finds warmer caches.
    const sides = values.sides.split(',') as SideName[]
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
      const laid = once ?? (await layWorkload(stack, producer, { orders, spread }))
      const folder = join(kept, `${round}-${side}`)
      await mkdir(folder)
      const result = await runSide(side, {
        folder,
        stack,
        ...laid,
        join: values.join,
        flushRows: Number(values['flush-rows']),
        source: values.source,
        kills: Number(values.kills),
        ...(live > 0 && {
          live: (probe) => sendLive({ producer, ...laid, rate: Number(values.rate), seconds: live, probe }),
        }),
      })
      results.push(result)
      console.log(printed([result]))
    }
  }
  console.log(`\n${printed(results, true)}`)
  const name = nameOf({ spread, join: values.join })
  const measured = measuredOf(results)
  if (results.some(({ wrong }) => wrong.length > 0)) process.exitCode = 1
  if (values.baseline && measured) await writeBaseline(values.baseline, name, measured, Number(values['flush-rows']))
  if (values.against) {
    const before = readBaseline(values.against)[name]
    const worse = !before
      ? [`${values.against} has nothing about "${name}"`]
      : measured
        ? worseThan(before, measured, Number(values.tolerance))
        : ['we have no figure']
    for (const one of worse) console.log(`WORSE than ${values.against}: ${one}`)
    if (worse.length > 0) process.exitCode = 1
    else console.log(`holds against ${values.against}, within ${Number(values.tolerance) * 100} %`)
  }
  if (values.out) await writeFile(values.out, `${JSON.stringify({ orders, spread, results }, null, 1)}\n`)
} finally {
  await open.close()
}
