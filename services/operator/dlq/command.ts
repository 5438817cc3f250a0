import { Command, Option } from 'commander'
import { UsageError } from '#pipelines/kernel/errors.ts'
import { operatedShop, SERVICES, type ServiceName } from '../shop.ts'
import { type Acted, act, findLetter, type Letter, listLetters, type Placed, type Selection } from './letters.ts'
import { showActed, showLetter, showLetters } from './show.ts'

interface Flags extends Selection {
  readonly json?: true
}

export function dlqCommand(): Command {
  const dlq = new Command('dlq')
    .description('dead letters: what a service could not handle, and what to do about it')
    .addHelpText('after', EXAMPLES)
  for (const sub of [listCommand(), showCommand(), replayCommand(), discardCommand()]) dlq.addCommand(sub)
  return dlq
}

const EXAMPLES = `
Asks the services over REST, as an operator: the local shop, or what BASKET_URL, CATALOG_URL, ORDERING_URL, PAYMENT_URL
and TASKS_URL name, with the token in ESHOP_TOKEN. Every replay and discard is kept with who did it and when.

Examples:
  eshop dlq list
  eshop dlq list --service payment --topic stock-confirmed --state DISCARDED --json
  eshop dlq show 0199b2f0-6c7e-7d11-a111-6f9a2c6d1f55
  eshop dlq replay 0199b2f0-6c7e-7d11-a111-6f9a2c6d1f55
  eshop dlq replay --all --service catalog --code UNKNOWN_ERROR
  eshop dlq discard 0199b2f0-6c7e-7d11-a111-6f9a2c6d1f55 --reason "a test order"

Exit codes: 0 done, 1 something was refused or is away, 2 usage.`

const serviceOption = () => new Option('--service <name>', 'only this service').choices(SERVICES)
const stateOption = () => new Option('--state <state>', 'only these').choices(['OPEN', 'REPLAYED', 'DISCARDED'])

function listCommand(): Command {
  return new Command('list')
    .description('the newest dead letters of all services')
    .addOption(serviceOption())
    .addOption(stateOption().default('OPEN'))
    .option('--any-state', 'also those that were replayed or discarded')
    .option('--topic <name>', 'only of this topic')
    .option('--code <code>', 'only with this code of the reason')
    .option('--limit <n>', 'most of each service', wholeNumber, 20)
    .option('--json', 'as JSON')
    .action(async ({ json, limit, anyState, ...selection }: Flags & { limit: number; anyState?: true }) => {
      await using shop = operatedShop()
      const letters = await listLetters(shop, anyState ? { ...selection, state: undefined } : selection, limit)
      console.log(json ? JSON.stringify({ items: letters }, null, 2) : showLetters(letters))
    })
}

function showCommand(): Command {
  return new Command('show')
    .description('one dead letter: event with sensitive fields masked, reason, stack, what was done about it')
    .argument('<id>')
    .addOption(serviceOption())
    .option('--json', 'as JSON')
    .action(async (id: string, { service, json }: { service?: ServiceName; json?: true }) => {
      await using shop = operatedShop()
      const letter = await findLetter(shop, id, service)
      console.log(json ? JSON.stringify(letter, null, 2) : showLetter(letter))
    })
}

interface ActFlags extends Flags {
  readonly all?: true
}

function replayCommand(): Command {
  return new Command('replay')
    .description("run the service's own handler on it again, once; other services see nothing of it")
    .argument('[ids...]')
    .option('--all', 'every open one that the other options choose, oldest first')
    .addOption(serviceOption())
    .option('--topic <name>', 'with --all: only of this topic')
    .option('--code <code>', 'with --all: only with this code of the reason')
    .option('--json', 'as JSON')
    .action((ids: string[], flags: ActFlags) => actOn(ids, flags, { action: 'replay' }))
}

function discardCommand(): Command {
  return new Command('discard')
    .description('give it up, for a reason that is kept')
    .argument('[ids...]')
    .requiredOption('--reason <text>', 'why nothing is lost by it')
    .option('--all', 'every open one that the other options choose')
    .addOption(serviceOption())
    .option('--topic <name>', 'with --all: only of this topic')
    .option('--code <code>', 'with --all: only with this code of the reason')
    .option('--json', 'as JSON')
    .action((ids: string[], { reason, ...flags }: ActFlags & { reason: string }) =>
      actOn(ids, flags, { action: 'discard', reason }),
    )
}

/** One after the other, oldest first: a later event of a key may need the earlier one. */
async function actOn(ids: readonly string[], flags: ActFlags, wish: Parameters<typeof act>[2]): Promise<void> {
  if (ids.length > 0 && flags.all) throw new UsageError('WHICH', 'give ids, or --all, not both')
  if (ids.length === 0 && !flags.all) throw new UsageError('WHICH', 'give ids, or --all for every open one')
  await using shop = operatedShop()
  const chosen: Placed<Pick<Letter, 'id'>>[] = []
  for (const id of ids) chosen.push(await findLetter(shop, id, flags.service))
  if (flags.all) {
    const { service, topic, code } = flags
    chosen.push(
      ...(await listLetters(shop, { service, topic, code, state: 'OPEN' }, Number.MAX_SAFE_INTEGER)).toReversed(),
    )
  }
  const results: Acted[] = []
  for (const letter of chosen) {
    const acted = await act(shop, letter, wish)
    results.push(acted)
    if (!flags.json) console.log(showActed(acted, wish.action))
  }
  if (flags.json) console.log(JSON.stringify({ items: results }, null, 2))
  else if (chosen.length === 0) console.log('nothing is open')
  if (results.some(({ ok }) => !ok)) process.exitCode = 1
}

function wholeNumber(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0) return value
  throw new UsageError('NUMBER', `"${text}" is not a whole number above 0`)
}
