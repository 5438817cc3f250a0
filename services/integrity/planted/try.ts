import { plantedBugs } from './bugs.ts'
import { CHECKS } from './checks.ts'
import { copyTree } from './copy.ts'

const [only, ...checks] = process.argv.slice(2)
for (const bug of [{ name: 'none', patch: '', is: '', checks: CHECKS }, ...plantedBugs]) {
  if (only && only !== 'all' && only !== bug.name) continue
  if (only === 'all' && bug.name === 'none') continue
  using copy = copyTree()
  if (bug.patch) copy.apply(bug.patch)
  for (const check of bug.checks) {
    if (checks.length > 0 && !checks.includes(check)) continue
    const t = performance.now()
    const said = await copy.run(check, { postgresUrl: process.env.PG ?? '' })
    console.log(bug.name, check, Math.round((performance.now() - t) / 1000), 's:', said)
    if (said && bug.name !== 'none') break
  }
}
