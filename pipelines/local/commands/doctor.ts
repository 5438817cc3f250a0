import { existsSync } from 'node:fs'
import { Command } from 'commander'
import { type Check, checkDisk, checkJava, checkMaven, checkMemory, checkPorts } from '../checks/machine.ts'
import { checkNode, checkNpm } from '../checks/node.ts'
import { checkRunning } from '../checks/running.ts'
import { root } from '../paths.ts'
import { type LocalSettings, readSettings } from '../settings.ts'
import { readRun } from '../supervisor/run-file.ts'

const FINDINGS = 100

/** Looks into the running shop itself; given by whoever knows the services. */
export type ShopChecks = (settings: LocalSettings) => Promise<Check[]>

export function doctorCommand(shopChecks: ShopChecks = async () => []): Command {
  return new Command('doctor')
    .description(
      'look at this machine and the running shop, and say how to fix what is wrong; exit code 100 when something is',
    )
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExamples:\n  eshop doctor\n  eshop doctor --json')
    .action(async ({ json }: { json?: boolean }) => {
      const checks = await examine(readSettings(), shopChecks)
      console.log(json ? JSON.stringify({ checks }, null, 2) : show(checks))
      if (checks.some(({ ok }) => !ok)) process.exitCode = FINDINGS
    })
}

/** Ports are looked at when nothing of ours runs on them; health, outbox age, lag and what stands still when it does. */
async function examine(settings: LocalSettings, shopChecks: ShopChecks): Promise<Check[]> {
  const { folders, ports } = settings
  const checks = await Promise.all([
    checkNode(),
    checkNpm(),
    checkJava(),
    checkMaven(),
    checkDisk(existsSync(folders.home) ? folders.home : root),
    checkMemory(),
    ...(readRun(folders.home) ? [checkRunning(settings), shopChecks(settings)] : [checkPorts(ports)]),
  ])
  return checks.flat()
}

/** One line each, and one more for the fix of what is wrong. */
function show(checks: readonly Check[]): string {
  return checks
    .map(({ name, ok, detail, fix }) =>
      ok ? `ok     ${name.padEnd(24)} ${detail}` : `WRONG  ${name.padEnd(24)} ${detail}\n       fix: ${fix}`,
    )
    .join('\n')
}
