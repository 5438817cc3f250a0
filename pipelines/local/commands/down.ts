import { Command } from 'commander'
import { readSettings } from '../settings.ts'
import { stopRecorded } from '../supervisor/stop.ts'

const SAID = {
  'nothing ran': 'The shop is not running.',
  stopped: 'Stopped. All data is kept.',
  'stopped leftovers': 'Stopped what a killed start had left behind. All data is kept.',
} as const

export function downCommand(): Command {
  return new Command('down')
    .description('stop the shop; its data is kept')
    .option('--json', 'tell the outcome as JSON')
    .addHelpText('after', '\nExamples:\n  eshop down\n  ESHOP_HOME=/tmp/other eshop down')
    .action(async ({ json }: { json?: boolean }) => {
      const outcome = await stopRecorded(readSettings().folders.home)
      console.log(json ? JSON.stringify({ outcome }) : SAID[outcome])
    })
}
