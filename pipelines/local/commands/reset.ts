import { rm } from 'node:fs/promises'
import { createInterface } from 'node:readline/promises'
import { Command } from 'commander'
import { UsageError } from '#pipelines/kernel/errors.ts'
import { readSettings } from '../settings.ts'
import { stopRecorded } from '../supervisor/stop.ts'

export function resetCommand(): Command {
  return new Command('reset')
    .description('stop the shop and delete all its data: topics, schemas, databases, ClickHouse tables')
    .option('--yes', 'do not ask')
    .option('--json', 'tell the outcome as JSON')
    .addHelpText('after', '\nExamples:\n  eshop reset          asks first\n  eshop reset --yes    in scripts')
    .action(async ({ yes, json }: { yes?: boolean; json?: boolean }) => {
      const { folders } = readSettings()
      if (!yes && !(await isSure(folders.data))) {
        console.log('Nothing was deleted.')
        return
      }
      await stopRecorded(folders.home)
      // All stores or none: a stream without the databases that know its positions (or the other way round) would be worse than either.
      for (const folder of [folders.data, folders.logs])
        await rm(folder, { recursive: true, force: true, maxRetries: 10 })
      console.log(
        json ? JSON.stringify({ deleted: folders.data }) : `Deleted ${folders.data}. \`npm start\` begins anew.`,
      )
    })
}

async function isSure(folder: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UsageError('NOT_CONFIRMED', 'nobody here to ask: say --yes')
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  try {
    const answer = await terminal.question(`Stop the shop and delete everything in ${folder}? Type yes: `)
    return answer.trim().toLowerCase() === 'yes'
  } finally {
    terminal.close()
  }
}
