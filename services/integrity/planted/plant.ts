/**
 * `CHECK_POSTGRES_URL=… node services/integrity/planted/plant.ts [BUG…]`: plants those bugs, or all, one after the other, says what caught
 * each, and writes it into the README's table. Exit code 100 when one was not caught.
 */
import { plantedBugs } from './bugs.ts'
import { catchBug } from './catch.ts'
import { keepResult } from './results.ts'

const wanted = process.argv.slice(2)
const stores = { postgresUrl: process.env.CHECK_POSTGRES_URL ?? '' }
for (const bug of plantedBugs.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  const caught = await catchBug(bug, stores)
  keepResult(caught)
  console.log(`${caught.name}: ${caught.by ?? 'NOT CAUGHT'} after ${caught.seconds} s: ${caught.said}`)
  if (caught.by === null) process.exitCode = 100
}
